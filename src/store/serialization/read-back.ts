import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, type Fault, SerializationError } from '../../errors.ts';
import { textOf } from '../../validation/format-value.ts';
import type { Serializer } from './serializer.ts';
import type { RoundTrip, SerializerShortcuts } from './serializer-shortcuts.ts';

/** Converts an error that a serializer has thrown to a fault of the whole object. */
export const thrownFault = (cause: unknown): Fault => ({
  path: 'object',
  message: textOf(cause),
});

/**
 * Calls a serializer. A serializer should return its errors as a `Left`. If it throws an error instead, that error is
 * converted to a `Left`.
 */
export function tryCatch<L, R>(
  call: () => E.Either<L, R>,
  toError: (faults: readonly Fault[], options: ErrorOptions) => L,
): E.Either<L, R> {
  try {
    return call();
  } catch (cause) {
    return E.left(toError([thrownFault(cause)], { cause }));
  }
}

/** Returns the error of an object that can be encoded, but not decoded again. */
export function undecodableError(objectType: string, failure: DeserializationError): SerializationError {
  const cause = new DeserializationError(failure.faults, { cause: failure });
  const message = `can be encoded, but not decoded again: ${cause.message}`;
  return new SerializationError(objectType, [{ path: 'object', message }], { cause });
}

/** Returns a function that encodes an object and decodes the result, to detect an object that could not be read later. */
export const readBack =
  (
    encode: (object: unknown, objectType: string, maxBytes: number) => ReturnType<Serializer['encode']>,
    decode: Serializer['decode'],
  ): NonNullable<SerializerShortcuts['roundTrip']> =>
  (object, objectType, maxBytes): E.Either<SerializationError, RoundTrip> => {
    const encoded = encode(object, objectType, maxBytes);
    if (encoded._tag === 'Left') return encoded;
    // Copy the payload, because a serializer can reuse its buffer. The copy is cheap: `Buffer.from` takes memory from a
    // pool.
    const bytes = Buffer.from(encoded.right);
    const decoded = tryCatch(
      () => decode(bytes, objectType),
      (faults, options) => new DeserializationError(faults, options),
    );
    return decoded._tag === 'Right'
      ? E.right({ bytes, copy: decoded.right })
      : E.left(undecodableError(objectType, decoded.left));
  };
