import type { Either } from 'fp-ts/lib/Either.js';
import type { DeserializationError, SerializationError } from '../../errors.ts';

/** How an object becomes bytes and back: of the object alone; the rest of an event is the record's header. */
export interface Serializer {
  /** The bytes of the object as it is now, or why the format cannot hold it. */
  encode(object: unknown, objectType: string): Either<SerializationError, Uint8Array>;
  /** A fresh object of these bytes, or why they are not one. */
  decode(bytes: Uint8Array, objectType: string): Either<DeserializationError, unknown>;
}
