import { map, type Observable } from 'rxjs';
import { DeserializationError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventFilter } from '../event/event-filter.ts';
import type { EventLog, LogPage } from './event-log.ts';
import { type Place, placeAfter, refuseTrimmed } from './place.ts';
import type { RecordCodec } from './record-codec.ts';

/** A page holds no more bytes of objects than this, and one event more: a bound on memory, whatever is stored. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** What bounds one page. */
export interface PageRequest {
  /** Which events to give. */
  readonly filter: EventFilter | undefined;
  /** The most events to examine. */
  readonly maxExamined: number;
  /** The most events to give. */
  readonly maxGiven: number;
}

/** A page of events, and where it leaves its reader. */
export interface Page {
  /** The events, in order. */
  readonly events: readonly Event[];
  /** Where to read on. */
  readonly next: Place;
  /** Whether that is another place than before. */
  readonly moved: boolean;
}

/** Decodes until one cannot be decoded: that one is left for the next page, whose first it is, to fail with. */
function decode({ records, through }: LogPage, codec: RecordCodec): { events: Event[]; through: number } {
  const events: Event[] = [];
  for (const record of records) {
    try {
      events.push(codec.toEvent(record));
    } catch (error) {
      if (events.length === 0 || !(error instanceof DeserializationError)) throw error;
      return { events, through: record.seqNum - 1 };
    }
  }
  return { events, through };
}

/** Reads one page at a place. */
export const readPage = (
  log: EventLog,
  codec: RecordCodec,
  place: Place,
  request: PageRequest,
): Observable<Page> =>
  log.read({ ...request, after: place.after, maxBytes: PAGE_BYTES }).pipe(
    map((page) => {
      refuseTrimmed(place, page.oldest);
      const { events, through } = decode(page, codec);
      return { events, next: placeAfter(place, page, through), moved: through > place.after };
    }),
  );
