import {
  connect,
  defer,
  endWith,
  filter,
  map,
  merge,
  type Observable,
  of,
  repeat,
  switchMap,
  take,
} from 'rxjs';
import type { Event } from '../event/event.ts';
import type { GetEventsRequest, GetEventsResponse } from './event-store.ts';
import { type Place, resolvePlace } from './place.ts';
import { type Page, readEvents } from './read-page.ts';
import type { StoreParts } from './store-parts.ts';

/** Events examined in one call, unless the caller says otherwise. */
const BATCH_SIZE = 10_000;

/** One page, as soon as there is something to give or the reader has moved; an empty one when the wait is over. */
export function pollPage(parts: StoreParts, request: GetEventsRequest): Observable<GetEventsResponse> {
  const { log, codec, tail, isClosed, options } = parts;
  const { limit = 0, batchSize = BATCH_SIZE, longPollingTimeout = options.longPollingTimeout } = request;
  const bounds = {
    filter: request.filter,
    maxExamined: batchSize,
    maxGiven: limit === 0 ? batchSize : limit,
  };

  /** Reads once, then again each time that the log has grown. */
  const pages = (place: Place): Observable<Page<Event>> => {
    let mark = tail.mark();
    const read = defer(() => {
      mark = tail.mark();
      return isClosed() ? of({ items: [], next: place, moved: true }) : readEvents(log, codec, place, bounds);
    });
    return read.pipe(repeat({ delay: () => tail.since(mark).pipe(endWith(undefined)) }));
  };

  const firstOf = connect<Page<Event>, Observable<Page<Event>>>((page$) =>
    merge(
      page$.pipe(filter(({ moved }) => moved)),
      page$.pipe(
        take(1),
        switchMap((empty) => tail.timeout(longPollingTimeout).pipe(map(() => empty))),
      ),
    ),
  );

  return defer(() => resolvePlace(log, request.iterator)).pipe(
    switchMap((place) => pages(place).pipe(firstOf)),
    take(1),
    map(({ items, next }) => ({ events: items, nextEventIterator: next.iterator })),
  );
}
