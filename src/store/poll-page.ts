import {
  connect,
  defer,
  endWith,
  map,
  merge,
  type Observable,
  of,
  filter as only,
  repeat,
  switchMap,
  take,
  tap,
} from 'rxjs';
import type { Event } from '../event/event.ts';
import type { GetEventsRequest, GetEventsResponse } from './event-store.ts';
import { type Place, resolvePlace } from './place.ts';
import { type Page, readEvents } from './read-page.ts';
import type { StoreParts } from './store-parts.ts';
import type { TailMark } from './tail.ts';

/** Events examined in one call, unless the caller says otherwise. */
const BATCH_SIZE = 10_000;

/** One page, as soon as there is something to give or the reader has moved; an empty one when the wait is over. */
export function pollPage(parts: StoreParts, request: GetEventsRequest): Observable<GetEventsResponse> {
  const { log, codec, tail, quiet, isClosed, options } = parts;
  const {
    filter,
    limit = 0,
    progressInterval = 0,
    batchSize = BATCH_SIZE,
    longPollingTimeout = options.longPollingTimeout,
  } = request;
  const bounds = {
    filter,
    maxExamined: batchSize,
    maxGiven: limit === 0 ? batchSize : limit,
  };

  /** Waits for news: for any, or, if there is leisure, for those that the filter lets through. */
  const news = (mark: TailMark, place: Place, latest: number): Observable<never> =>
    filter === undefined || progressInterval === 0 || place.after > latest || tail.mark() !== mark
      ? tail.since(mark)
      : quiet.since(latest, filter, progressInterval);

  /** Reads once, then again each time that the log has grown. */
  const pages = (place: Place): Observable<Page<Event>> => {
    let mark = tail.mark();
    let latest = 0;
    const read = defer(() => {
      mark = tail.mark();
      if (isClosed()) return of({ items: [], next: place, moved: true, latest });
      return readEvents(log, codec, place, bounds).pipe(
        tap((page) => {
          latest = page.latest;
        }),
      );
    });
    return read.pipe(repeat({ delay: () => news(mark, place, latest).pipe(endWith(undefined)) }));
  };

  const firstOf = connect<Page<Event>, Observable<Page<Event>>>((page$) =>
    merge(
      page$.pipe(only(({ moved }) => moved)),
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
