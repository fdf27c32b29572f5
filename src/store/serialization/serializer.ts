import type { Either } from 'fp-ts/lib/Either.js';
import type { DeserializationError, SerializationError } from '../../errors.ts';

/**
 * Functions that turn the object of an event into a payload and back. The other fields of an event are stored by the engine.
 */
export interface Serializer {
  /** Returns the payload of an object, or an error if the format does not support the object. */
  encode(object: unknown, objectType: string): Either<SerializationError, Uint8Array>;
  /** Returns a new object, or an error if the payload cannot be decoded. */
  decode(bytes: Uint8Array, objectType: string): Either<DeserializationError, unknown>;
}
