import { map, type Observable } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import type { StoredRecord } from '../../engine/contract/record.ts';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import type { RecordCodec } from '../serialization/record-codec.ts';
import { assertNotTrimmed, type Position, positionAfter } from './position.ts';

/** A page holds no more bytes of objects than this, and one event more: a bound on memory, whatever is stored. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** What bounds one page. */
export interface PageRequest {
  /** Which events to give. */
  readonly filter: EventFilter | undefined;
  /** The most events to examine. */
  readonly maxScanned: number;
  /** The most events to give. */
  readonly limit: number;
}

/** A page, and where it leaves its reader. */
export interface Page<T> {
  /** What it holds, in order. */
  readonly items: readonly T[];
  /** Where to read on. */
  readonly next: Position;
  /** The last number that there was. */
  readonly latest: number;
  /** Whether that is another place than before. */
  readonly moved: boolean;
}

/**
 * Reads one page of records at a place.
 *
 * What is added to the request stands first: behind a spread, V8 gives each object a shape of its own (decision 17).
 */
export const readRecords = (
  log: EventLog,
  place: Position,
  request: PageRequest,
): Observable<Page<StoredRecord>> =>
  log.read({ after: place.after, maxBytes: PAGE_BYTES, ...request }).pipe(
    map((page) => {
      assertNotTrimmed(place, page.oldest);
      const { records, lastScannedSeqNum, oldest, latest } = page;
      return {
        items: records,
        next: positionAfter(place, oldest, lastScannedSeqNum),
        moved: lastScannedSeqNum > place.after,
        latest,
      };
    }),
  );

/** Decodes until one cannot be decoded: that one is left for the next page, whose first it is, to fail with. */
function decode(place: Position, page: Page<StoredRecord>, codec: RecordCodec): Page<Event> {
  const { items } = page;
  const events: Event[] = [];
  try {
    while (events.length < items.length) events.push(...codec.toEvents(items, events.length));
  } catch (error) {
    if (events.length === 0 || !(error instanceof DeserializationError)) throw error;
    const left = items[events.length] as StoredRecord;
    return { ...page, items: events, next: positionAfter(place, 0, left.seqNum - 1), moved: true };
  }
  return { ...page, items: events };
}

/** Reads one page of events at a place. */
export const readEvents = (
  log: EventLog,
  codec: RecordCodec,
  place: Position,
  request: PageRequest,
): Observable<Page<Event>> =>
  readRecords(log, place, request).pipe(map((page) => decode(place, page, codec)));
