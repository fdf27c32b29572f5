import * as E from 'fp-ts/lib/Either.js';
import { type Either, left } from 'fp-ts/lib/Either.js';
import { DeserializationError, type Fault, SerializationError } from '../../errors.ts';
import { textOf } from '../../validation/format-value.ts';
import type { Serializer } from './serializer.ts';
import type { Serialized, SerializerShortcuts } from './serializer-shortcuts.ts';

/** What a serializer threw, as a fault of the whole object. */
export const thrownFault = (cause: unknown): Fault => ({
  path: 'object',
  message: textOf(cause),
});

/** The answer of a serializer; one that throws, where it should return a `Left`, is borne with. */
export function tryCatch<L, R>(
  ask: () => Either<L, R>,
  toError: (faults: readonly Fault[], options: ErrorOptions) => L,
): Either<L, R> {
  try {
    return ask();
  } catch (cause) {
    return left(toError([thrownFault(cause)], { cause }));
  }
}

/** Refusal of an object whose stored form could not be read. */
export function unreadable(objectType: string, failure: DeserializationError): SerializationError {
  const cause = new DeserializationError(failure.faults, { cause: failure });
  const message = `would not be read back: ${cause.message}`;
  return new SerializationError(objectType, [{ path: 'object', message }], { cause });
}

/** Encodes, and finds out what that decodes to by decoding it. */
export const readBack =
  (
    encode: (object: unknown, objectType: string, maxBytes: number) => ReturnType<Serializer['encode']>,
    decode: Serializer['decode'],
  ): NonNullable<SerializerShortcuts['capture']> =>
  (object, objectType, maxBytes): E.Either<SerializationError, Serialized> => {
    const encoded = encode(object, objectType, maxBytes);
    if (encoded._tag === 'Left') return encoded;
    // A copy, because a serializer may use its buffer again; from the pool, because memory of its own is dear.
    const bytes = Buffer.from(encoded.right);
    const decoded = tryCatch(
      () => decode(bytes, objectType),
      (faults, options) => new DeserializationError(faults, options),
    );
    return decoded._tag === 'Right'
      ? E.right({ bytes, copy: decoded.right })
      : E.left(unreadable(objectType, decoded.left));
  };
