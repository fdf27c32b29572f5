import { type Either, left } from 'fp-ts/lib/Either.js';
import type { Fault } from '../errors.ts';
import { thrownFault } from './thrown-fault.ts';

/** The answer of a serializer; one that throws, where it should return a `Left`, is borne with. */
export function answerOf<L, R>(
  ask: () => Either<L, R>,
  toError: (faults: readonly Fault[], options: ErrorOptions) => L,
): Either<L, R> {
  try {
    return ask();
  } catch (cause) {
    return left(toError([thrownFault(cause)], { cause }));
  }
}
