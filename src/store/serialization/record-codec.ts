import type { NewRecord, StoredRecord } from '../../engine/contract/record.ts';
import { type Fault, SerializationError } from '../../errors.ts';
import type { Event, EventHeader, StoreEventRequest } from '../../event/event.ts';
import { createEncodeRequest, type EncodedRequest, type EncodeRequest } from '../append/encode-request.ts';
import type { ResolvedStoreOptions } from '../store-options.ts';
import { createObjectCache } from './object-cache.ts';
import { createRecordDecoder, PlainEvent, TOGETHER } from './record-decoder.ts';
import { shortcutsOf } from './serializer-shortcuts.ts';

/** Where a record came to stand. */
type Standing = Pick<StoredRecord, 'seqNum' | 'timestamp'>;

/** Events to records and back, whatever the serializer does. */
export interface RecordCodec {
  /** Captures a request. */
  readonly capture: EncodeRequest;
  /**
   * Captures several requests; the paths of the faults begin with a request's index.
   *
   * @throws SerializationError with the faults of all of them.
   */
  captureAll(requests: readonly StoreEventRequest[]): readonly EncodedRequest[];
  /** The event of a request that may yet be taken back, and its number be given to another. */
  toUncommittedEvent(captured: EncodedRequest, standing: Standing): Event;
  /** The event of a request that is stored. */
  toStoredEvent(captured: EncodedRequest, standing: Standing): Event;
  /**
   * The events of some of these records, in order, from this index on: of as many as can be had together, of one at least.
   *
   * @throws DeserializationError with the record's number, if the first of them cannot be decoded.
   */
  toEvents(records: readonly StoredRecord[], from: number): readonly Event[];
}

/** What the codec of a store needs of its options. */
type CodecOptions = Pick<ResolvedStoreOptions, 'serializer' | 'cacheSize' | 'maxEventBytes'>;

const event = (draft: NewRecord, { seqNum, timestamp }: Standing, object: unknown): Event =>
  new PlainEvent(seqNum, draft, object, new Date(timestamp));

/** The events of some of these records from an index on, without their objects. */
export const toHeaders = (records: readonly StoredRecord[], from: number): readonly EventHeader[] =>
  records.slice(from, from + TOGETHER).map(({ seqNum, operation, objectType, timestamp }) => ({
    seqNum,
    operation,
    objectType,
    timestamp: new Date(timestamp),
  }));

function captureAll(
  capture: EncodeRequest,
  requests: readonly StoreEventRequest[],
): readonly EncodedRequest[] {
  const captured: EncodedRequest[] = [];
  const faults: Fault[] = [];
  let refused: string | undefined;
  let cause: unknown;
  for (const [index, request] of requests.entries()) {
    try {
      captured.push(capture(request));
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      refused ??= request.objectType;
      cause ??= error.cause;
      for (const fault of error.faults) faults.push({ ...fault, path: `${index}.${fault.path}` });
    }
  }
  if (refused !== undefined)
    throw new SerializationError(refused, faults, cause === undefined ? {} : { cause });
  return captured;
}

/** Makes the codec of a serializer. */
export function createRecordCodec({ serializer, cacheSize, maxEventBytes }: CodecOptions): RecordCodec {
  const capture = createEncodeRequest(serializer, maxEventBytes);

  const { isPlain } = shortcutsOf(serializer);
  const cache = createObjectCache(cacheSize, isPlain);
  const objectsOf = createRecordDecoder(serializer, cache);

  return {
    capture,
    captureAll: (requests) => captureAll(capture, requests),
    toUncommittedEvent: ({ draft, object }, standing) => event(draft, standing, object),
    toStoredEvent: ({ draft, object }, standing) =>
      event(draft, standing, cache.get(standing.seqNum) ?? cache.keep(standing.seqNum, object)),
    toEvents: (records, from) =>
      objectsOf(records, from).map((object, index) => {
        const record = records[from + index] as StoredRecord;
        return event(record, record, object);
      }),
  };
}
