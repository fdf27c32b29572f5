import { DeserializationError, type Fault, SerializationError } from '../errors.ts';
import type { Event, StoreEventRequest } from '../event/event.ts';
import type { RecordDraft, StoredRecord } from './event-log.ts';
import type { Serializer } from './serializer.ts';

/** Events to records and back, whatever the serializer does. */
export interface RecordCodec {
  /**
   * The record of a request, its object captured in bytes.
   *
   * @param path - Where the request stands among others, for the faults; `''` if it stands alone.
   * @throws SerializationError
   */
  toDraft(request: StoreEventRequest, path: string): RecordDraft;
  /**
   * The event of a record, with an object of its own.
   *
   * @throws DeserializationError with the record's number.
   */
  toEvent(record: StoredRecord): Event;
}

const thrown = (cause: unknown): readonly Fault[] => [
  { path: 'object', message: cause instanceof Error ? cause.message : String(cause) },
];

const guarded = <R>(work: () => R, toError: (cause: unknown) => Error): R => {
  try {
    return work();
  } catch (cause) {
    throw toError(cause);
  }
};

/** Makes the codec of a serializer; a serializer that throws, where it should return a `Left`, is borne with. */
export const createRecordCodec = (serializer: Serializer): RecordCodec => ({
  toDraft({ operation, objectType, object }, path) {
    const encoded = guarded(
      () => serializer.encode(object, objectType),
      (cause) => new SerializationError(objectType, thrown(cause), { cause }),
    );
    if (encoded._tag === 'Right') return { operation, objectType, payload: encoded.right };
    if (path === '') throw encoded.left;
    const faults = encoded.left.faults.map((fault) => ({ ...fault, path: `${path}.${fault.path}` }));
    throw new SerializationError(objectType, faults, { cause: encoded.left });
  },

  toEvent({ seqNum, operation, objectType, payload, timestamp }) {
    const decoded = guarded(
      () => serializer.decode(payload, objectType),
      (cause) => new DeserializationError(thrown(cause), { seqNum, cause }),
    );
    if (decoded._tag === 'Left') {
      throw new DeserializationError(decoded.left.faults, { seqNum, cause: decoded.left });
    }
    return { seqNum, operation, objectType, object: decoded.right, timestamp: new Date(timestamp) };
  },
});
