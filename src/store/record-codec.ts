import { DeserializationError, type Fault, SerializationError } from '../errors.ts';
import type { Event, StoreEventRequest } from '../event/event.ts';
import type { RecordDraft, StoredRecord } from './event-log.ts';
import { createObjectCache } from './object-cache.ts';
import type { ResolvedStoreOptions } from './store-options.ts';
import { thrownFault } from './thrown-fault.ts';

/** Events to records and back, whatever the serializer does. */
export interface RecordCodec {
  /**
   * The record of a request, its object captured in bytes.
   *
   * @throws SerializationError
   */
  toDraft(request: StoreEventRequest): RecordDraft;
  /**
   * The records of several requests; the paths of the faults begin with a request's index.
   *
   * @throws SerializationError with the faults of all of them.
   */
  toDrafts(requests: readonly StoreEventRequest[]): readonly RecordDraft[];
  /**
   * The event of a record that may yet be taken back, and its number be given to another.
   *
   * @throws DeserializationError with the record's number.
   */
  toUncommittedEvent(record: StoredRecord): Event;
  /**
   * The event of a record.
   *
   * @throws DeserializationError with the record's number.
   */
  toEvent(record: StoredRecord): Event;
}

/** What the codec of a store needs of its options. */
type CodecOptions = Pick<ResolvedStoreOptions, 'serializer' | 'cacheSize' | 'maxEventBytes'>;

const guarded = <R>(work: () => R, toError: (cause: unknown) => Error): R => {
  try {
    return work();
  } catch (cause) {
    throw toError(cause);
  }
};

/** Makes the codec of a serializer; a serializer that throws, where it should return a `Left`, is borne with. */
export function createRecordCodec({ serializer, cacheSize, maxEventBytes }: CodecOptions): RecordCodec {
  const cache = createObjectCache(cacheSize);

  const encode = ({ object, objectType }: StoreEventRequest) =>
    guarded(
      () => serializer.encode(object, objectType),
      (cause) => new SerializationError(objectType, [thrownFault(cause)], { cause }),
    );

  const toEvent = ({ seqNum, operation, objectType, timestamp }: StoredRecord, object: unknown): Event => ({
    seqNum,
    operation,
    objectType,
    object,
    timestamp: new Date(timestamp),
  });

  const decode = ({ seqNum, payload, objectType }: StoredRecord): unknown => {
    const decoded = guarded(
      () => serializer.decode(payload, objectType),
      (cause) => new DeserializationError([thrownFault(cause)], { seqNum, cause }),
    );
    if (decoded._tag === 'Right') return decoded.right;
    throw new DeserializationError(decoded.left.faults, { seqNum, cause: decoded.left });
  };

  return {
    toDraft(request) {
      const encoded = encode(request);
      if (encoded._tag === 'Left') throw encoded.left;
      const { length } = encoded.right;
      if (length > maxEventBytes) {
        const message = `takes ${length} bytes; an event may take ${maxEventBytes} (maxEventBytes)`;
        throw new SerializationError(request.objectType, [{ path: 'object', message }]);
      }
      return {
        operation: request.operation,
        objectType: request.objectType,
        payload: new Uint8Array(encoded.right),
      };
    },

    toDrafts(requests) {
      const drafts: RecordDraft[] = [];
      const faults: Fault[] = [];
      let refused: string | undefined;
      for (const [index, request] of requests.entries()) {
        try {
          drafts.push(this.toDraft(request));
        } catch (error) {
          if (!(error instanceof SerializationError)) throw error;
          refused ??= request.objectType;
          faults.push(...error.faults.map((fault) => ({ ...fault, path: `${index}.${fault.path}` })));
        }
      }
      if (refused !== undefined) throw new SerializationError(refused, faults);
      return drafts;
    },

    toUncommittedEvent: (record) => toEvent(record, decode(record)),
    toEvent: (record) =>
      toEvent(
        record,
        cache.of(record.seqNum, () => decode(record)),
      ),
  };
}
