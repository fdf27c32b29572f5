import type * as t from 'io-ts';
import type { Fault } from '../errors.ts';
import { show } from './show.ts';

const COMBINED = new Set(['IntersectionType', 'UnionType']);

/** io-ts also notes which member of an intersection it was in; that is no part of a path that a user knows. */
const pathOf = (context: t.Context): string =>
  context
    .filter(({ key }, index) => {
      const parent = context[index - 1];
      return (
        key !== '' && !(parent !== undefined && COMBINED.has((parent.type as { _tag?: string })._tag ?? ''))
      );
    })
    .map(({ key }) => key)
    .join('.');

/** What is wrong, for people: the path and what was expected there. */
export const faultsOf = (errors: t.Errors): readonly Fault[] =>
  errors.map(({ value, context, message }) => ({
    path: pathOf(context),
    message: message ?? `expected ${context.at(-1)?.type.name}, got ${show(value)}`,
  }));

/**
 * Returns the value that the codec makes of `value`.
 *
 * @param toError - Makes the error to throw of everything that is wrong.
 */
export function check<A>(
  codec: t.Type<A, unknown>,
  value: unknown,
  toError: (faults: readonly Fault[]) => Error,
): A {
  // All codecs of options and requests take a value as it is or not at all; to find out which is cheap.
  if (codec.is(value)) return value;
  const result = codec.decode(value);
  if (result._tag === 'Left') throw toError(faultsOf(result.left));
  return result.right;
}
