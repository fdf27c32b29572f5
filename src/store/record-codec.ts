import type { Either } from 'fp-ts/lib/Either.js';
import { DeserializationError, type Fault, SerializationError } from '../errors.ts';
import type { Event, EventHeader, StoreEventRequest } from '../event/event.ts';
import { answerOf } from './answer-of.ts';
import { type Capture, type Captured, createCapture } from './capture.ts';
import { createObjectCache } from './object-cache.ts';
import type { RecordDraft, StoredRecord } from './record.ts';
import { shortcutsOf } from './shortcuts.ts';
import type { ResolvedStoreOptions } from './store-options.ts';

/** Where a record came to stand. */
type Standing = Pick<StoredRecord, 'seqNum' | 'timestamp'>;

/** Events to records and back, whatever the serializer does. */
export interface RecordCodec {
  /** Captures a request. */
  readonly capture: Capture;
  /**
   * Captures several requests; the paths of the faults begin with a request's index.
   *
   * @throws SerializationError with the faults of all of them.
   */
  captureAll(requests: readonly StoreEventRequest[]): readonly Captured[];
  /** The event of a request that may yet be taken back, and its number be given to another. */
  toUncommittedEvent(captured: Captured, standing: Standing): Event;
  /** The event of a request that is stored. */
  toStoredEvent(captured: Captured, standing: Standing): Event;
  /**
   * The event of a record.
   *
   * @throws DeserializationError with the record's number.
   */
  toEvent(record: StoredRecord): Event;
}

/** What the codec of a store needs of its options. */
type CodecOptions = Pick<ResolvedStoreOptions, 'serializer' | 'cacheSize' | 'maxEventBytes'>;

const event = (
  { operation, objectType }: RecordDraft,
  { seqNum, timestamp }: Standing,
  object: unknown,
): Event => ({ seqNum, operation, objectType, object, timestamp: new Date(timestamp) });

/** The event of a record, without its object. */
export const toHeader = ({ seqNum, operation, objectType, timestamp }: StoredRecord): EventHeader => ({
  seqNum,
  operation,
  objectType,
  timestamp: new Date(timestamp),
});

function captureAll(capture: Capture, requests: readonly StoreEventRequest[]): readonly Captured[] {
  const captured: Captured[] = [];
  const faults: Fault[] = [];
  let refused: string | undefined;
  for (const [index, request] of requests.entries()) {
    try {
      captured.push(capture(request));
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      refused ??= request.objectType;
      faults.push(...error.faults.map((fault) => ({ ...fault, path: `${index}.${fault.path}` })));
    }
  }
  if (refused !== undefined) throw new SerializationError(refused, faults);
  return captured;
}

/** Makes the codec of a serializer. */
export function createRecordCodec({ serializer, cacheSize, maxEventBytes }: CodecOptions): RecordCodec {
  const capture = createCapture(serializer, maxEventBytes);

  const { decodeText, isPlain } = shortcutsOf(serializer);
  const cache = createObjectCache(cacheSize, isPlain);

  const ask = (record: StoredRecord, payload: Uint8Array): Either<DeserializationError, unknown> =>
    answerOf(
      () => serializer.decode(payload, record.objectType),
      (faults, options) => new DeserializationError(faults, options),
    );
  /** A record whose payload is damaged throws when that is asked for, and says so itself. */
  const decode = (record: StoredRecord): unknown => {
    const text = decodeText && record.text;
    const decoded =
      decodeText === undefined || text === undefined
        ? ask(record, record.payload)
        : decodeText(text, record.objectType);
    if (decoded._tag === 'Right') return decoded.right;
    const { seqNum } = record;
    throw new DeserializationError(decoded.left.faults, { seqNum, cause: decoded.left });
  };

  return {
    capture,
    captureAll: (requests) => captureAll(capture, requests),
    toUncommittedEvent: ({ draft, object }, standing) => event(draft, standing, object),
    toStoredEvent: ({ draft, object }, standing) =>
      event(draft, standing, cache.get(standing.seqNum) ?? cache.keep(standing.seqNum, object)),
    toEvent(record) {
      const object = cache.get(record.seqNum) ?? cache.keep(record.seqNum, decode(record));
      return event(record, record, object);
    },
  };
}
