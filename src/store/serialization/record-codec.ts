import type { NewRecord, StoredRecord } from '../../engine/contract/record.ts';
import { type Fault, SerializationError } from '../../errors.ts';
import type { Event, EventHeader, StoreEventRequest } from '../../event/event.ts';
import { assignContext } from '../../event/event-context.ts';
import { createEncodeRequest, type EncodedRequest, type EncodeRequest } from '../append/encode-request.ts';
import type { ResolvedStoreOptions } from '../store-options.ts';
import { createObjectCache } from './object-cache.ts';
import { createRecordDecoder, MAX_DECODED_TOGETHER, PlainEvent } from './record-decoder.ts';
import { shortcutsOf } from './serializer-shortcuts.ts';

/** Sequence number and timestamp that the log has assigned to a record. */
type AssignedFields = Pick<StoredRecord, 'seqNum' | 'timestamp'>;

/** Converter between requests, records and events. */
export interface RecordCodec {
  readonly encode: EncodeRequest;
  /**
   * Encodes several requests. The path of each fault begins with the index of the request.
   *
   * @throws {@link SerializationError} if a request cannot be encoded. The error lists the faults of all requests.
   */
  encodeAll(requests: readonly StoreEventRequest[]): readonly EncodedRequest[];
  /**
   * Returns the event of a request inside a transaction. Does not cache the object, because the append can be rolled back.
   */
  toUncommittedEvent(request: EncodedRequest, assigned: AssignedFields): Event;
  /** Returns the stored event for an append that is a duplicate of this event. Does not cache the object. */
  toDuplicateEvent(record: StoredRecord): Event;
  /** Returns the event of a stored request, and caches the object. */
  toStoredEvent(request: EncodedRequest, assigned: AssignedFields): Event;
  /**
   * Decodes records from an index on, and returns their events in order: at least one, and at most as many as the decoder
   * decodes together. The caller requests the events of the other records by further calls.
   *
   * @throws {@link DeserializationError} if the record at the index cannot be decoded. The error has the sequence number of
   *   the record.
   */
  toEvents(records: readonly StoredRecord[], from: number): readonly Event[];
}

/** Store options that a record codec uses. */
type CodecOptions = Pick<ResolvedStoreOptions, 'serializer' | 'cacheSize' | 'maxEventBytes'>;

const toEvent = (record: NewRecord, { seqNum, timestamp }: AssignedFields, object: unknown): Event =>
  new PlainEvent(seqNum, record, object, new Date(timestamp));

/** Returns the headers of at most 64 records from an index on. */
export const toHeaders = (records: readonly StoredRecord[], from: number): readonly EventHeader[] =>
  records.slice(from, from + MAX_DECODED_TOGETHER).map((record) => {
    const { seqNum, operation, objectType, timestamp } = record;
    const header = { seqNum, operation, objectType, timestamp: new Date(timestamp) };
    assignContext(header, record);
    return header;
  });

function encodeAll(encode: EncodeRequest, requests: readonly StoreEventRequest[]): readonly EncodedRequest[] {
  const encoded: EncodedRequest[] = [];
  const faults: Fault[] = [];
  let failedType: string | undefined;
  let cause: unknown;
  for (const [index, request] of requests.entries()) {
    try {
      encoded.push(encode(request));
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      failedType ??= request.objectType;
      cause ??= error.cause;
      for (const fault of error.faults) faults.push({ ...fault, path: `${index}.${fault.path}` });
    }
  }
  if (failedType !== undefined)
    throw new SerializationError(failedType, faults, cause === undefined ? {} : { cause });
  return encoded;
}

export function createRecordCodec({ serializer, cacheSize, maxEventBytes }: CodecOptions): RecordCodec {
  const encode = createEncodeRequest(serializer, maxEventBytes);

  const { isPlain } = shortcutsOf(serializer);
  const cache = createObjectCache(cacheSize, isPlain);
  const decodeFrom = createRecordDecoder(serializer, cache);
  const decodeUncached = createRecordDecoder(serializer, createObjectCache(0, isPlain));

  return {
    encode,
    encodeAll: (requests) => encodeAll(encode, requests),
    toUncommittedEvent: ({ record, object }, assigned) => toEvent(record, assigned, object),
    toDuplicateEvent: (record) => toEvent(record, record, decodeUncached([record], 0)[0]),
    toStoredEvent: ({ record, object }, assigned) =>
      toEvent(record, assigned, cache.get(assigned.seqNum) ?? cache.put(assigned.seqNum, object)),
    toEvents: (records, from) =>
      decodeFrom(records, from).map((object, index) => {
        const record = records[from + index] as StoredRecord;
        return toEvent(record, record, object);
      }),
  };
}
