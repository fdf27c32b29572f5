import { SerializationError } from '../errors.ts';
import type { StoreEventRequest } from '../event/event.ts';
import { answerOf } from './answer-of.ts';
import { readBack } from './read-back.ts';
import type { RecordDraft } from './record.ts';
import type { Serializer } from './serializer.ts';
import { shortcutsOf } from './shortcuts.ts';

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

/**
 * Makes what captures requests by means of a serializer.
 *
 * @param maxEventBytes - The largest object, in bytes, serialized.
 */
export function createCapture(serializer: Serializer, maxEventBytes: number): Capture {
  const serialize =
    shortcutsOf(serializer).capture ??
    readBack(
      (object, type) => serializer.encode(object, type),
      (bytes, type) => serializer.decode(bytes, type),
    );

  return ({ operation, objectType, object }) => {
    const serialized = answerOf(
      () => serialize(object, objectType, maxEventBytes),
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
