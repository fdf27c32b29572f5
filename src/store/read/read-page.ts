import { map, type Observable } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import type { StoredRecord } from '../../engine/contract/record.ts';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import type { RecordCodec } from '../serialization/record-codec.ts';
import { assertNotTrimmed, type Position, positionAfter } from './position.ts';

/** Maximum size of the payloads of a page, in bytes. The event that exceeds this size is still part of the page. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** Filter and limits of one page. */
export interface PageRequest {
  /** Filter of the records; `undefined` matches all. */
  readonly filter: EventFilter | undefined;
  /** Maximum number of records to scan. */
  readonly maxScanned: number;
  /** Maximum number of records of the page. */
  readonly limit: number;
}

/** One page of records or events, with the position after it. */
export interface Page<T> {
  /** Records or events of the page, in order. */
  readonly items: readonly T[];
  /** Position after the page. */
  readonly next: Position;
  /** Last sequence number of the log at the time of the read. */
  readonly latest: number;
  /** Whether the read has scanned at least one record. */
  readonly moved: boolean;
}

/**
 * Reads one page of records at a position.
 *
 * The spread must stay last, because V8 would give each object with properties after a spread a separate shape (decision
 * 17).
 *
 * @throws {@link SequenceTrimmedError} if the log no longer holds the event after the position.
 */
export const readRecords = (
  log: EventLog,
  position: Position,
  request: PageRequest,
): Observable<Page<StoredRecord>> =>
  log.read({ after: position.after, maxBytes: PAGE_BYTES, ...request }).pipe(
    map((page) => {
      assertNotTrimmed(position, page.oldest);
      const { records, lastScannedSeqNum, oldest, latest } = page;
      return {
        items: records,
        next: positionAfter(position, oldest, lastScannedSeqNum),
        moved: lastScannedSeqNum > position.after,
        latest,
      };
    }),
  );

/**
 * Decodes the records of a page up to the first that cannot be decoded. The next page then starts with that record and fails.
 *
 * @throws {@link DeserializationError} if the first record of the page cannot be decoded.
 */
function decode(position: Position, page: Page<StoredRecord>, codec: RecordCodec): Page<Event> {
  const { items } = page;
  const events: Event[] = [];
  try {
    while (events.length < items.length) events.push(...codec.toEvents(items, events.length));
  } catch (error) {
    if (events.length === 0 || !(error instanceof DeserializationError)) throw error;
    const undecodable = items[events.length] as StoredRecord;
    return { ...page, items: events, next: positionAfter(position, 0, undecodable.seqNum - 1), moved: true };
  }
  return { ...page, items: events };
}

/** Reads one page of events at a position. */
export const readEvents = (
  log: EventLog,
  codec: RecordCodec,
  position: Position,
  request: PageRequest,
): Observable<Page<Event>> =>
  readRecords(log, position, request).pipe(map((page) => decode(position, page, codec)));
