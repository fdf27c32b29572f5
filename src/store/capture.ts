import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, SerializationError } from '../errors.ts';
import type { StoreEventRequest } from '../event/event.ts';
import { answerOf } from './answer-of.ts';
import type { RecordDraft } from './record.ts';
import type { Serializer } from './serializer.ts';
import { type Serialized, shortcutsOf } from './shortcuts.ts';

/** A request whose object was captured: the record to be, and the object as it will be read back. */
export interface Captured {
  /** The record that has no place in the log yet. */
  readonly draft: RecordDraft;
  /** What its payload decodes to. */
  readonly object: unknown;
}

/**
 * Captures a request: what its caller does to the object afterwards changes nothing.
 *
 * @throws SerializationError, also if what was encoded cannot be decoded: better now than when it is stored.
 */
export type Capture = (request: StoreEventRequest) => Captured;

/** Encodes, and finds out what that decodes to by decoding it. */
const encodeAndDecode =
  (serializer: Serializer) =>
  (object: unknown, objectType: string): E.Either<SerializationError, Serialized> => {
    const encoded = serializer.encode(object, objectType);
    if (encoded._tag === 'Left') return encoded;
    // A copy, because a serializer may use its buffer again; from the pool, because memory of its own is dear.
    const bytes = Buffer.from(encoded.right);
    const decoded = answerOf(
      () => serializer.decode(bytes, objectType),
      (faults, options) => new DeserializationError(faults, options),
    );
    if (decoded._tag === 'Right') return E.right({ bytes, copy: decoded.right });
    const cause = new DeserializationError(decoded.left.faults, { cause: decoded.left });
    const message = `would not be read back: ${cause.message}`;
    return E.left(new SerializationError(objectType, [{ path: 'object', message }], { cause }));
  };

/**
 * Makes what captures requests by means of a serializer.
 *
 * @param maxEventBytes - The largest object, in bytes, serialized.
 */
export function createCapture(serializer: Serializer, maxEventBytes: number): Capture {
  const serialize = shortcutsOf(serializer).capture ?? encodeAndDecode(serializer);

  return ({ operation, objectType, object }) => {
    const serialized = answerOf(
      () => serialize(object, objectType),
      (faults, options) => new SerializationError(objectType, faults, options),
    );
    if (serialized._tag === 'Left') throw serialized.left;
    const { bytes, copy } = serialized.right;
    if (bytes.length > maxEventBytes) {
      const message = `takes ${bytes.length} bytes; an event may take ${maxEventBytes} (maxEventBytes)`;
      throw new SerializationError(objectType, [{ path: 'object', message }]);
    }
    return { draft: { operation, objectType, payload: bytes }, object: copy };
  };
}
