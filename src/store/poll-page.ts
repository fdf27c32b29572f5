import {
  defaultIfEmpty,
  defer,
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
import { atPlace, type Place, placeAfter } from './place.ts';
import { type Page, readEvents } from './read-page.ts';
import type { StoreParts } from './store-parts.ts';
import type { TailMark } from './tail.ts';

/** Events examined in one call, unless the caller says otherwise. */
const BATCH_SIZE = 10_000;

/** The page of a reader for whom there is nothing up to a number. */
const leftOut = (place: Place, through: number): Page<Event> => ({
  items: [],
  next: placeAfter(place, 0, through),
  moved: through > place.after,
  latest: through,
});

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

  /**
   * Waits for news: for any, or, if there is leisure, for those that the filter lets through. Tells up to where there are
   * none, if that is known.
   */
  const news = (mark: TailMark, place: Place, latest: number): Observable<number> =>
    filter === undefined || progressInterval === 0 || place.after > latest || tail.mark() !== mark
      ? tail.since(mark)
      : quiet.since(latest, filter, progressInterval);

  /** Reads; where that leads nowhere, again each time that there is news, until it does or the wait is over. */
  const pageAt = (place: Place): Observable<Page<Event>> => {
    let mark = tail.mark();
    let latest = 0;
    const read = defer(() => {
      mark = tail.mark();
      if (isClosed()) return of({ items: [], next: place, moved: true, latest });
      return readEvents(log, codec, place, bounds);
    });
    const moved = defer(() => news(mark, place, latest)).pipe(
      defaultIfEmpty(0),
      switchMap((through) => (through > place.after ? of(leftOut(place, through)) : read)),
      tap((page) => {
        latest = page.latest;
      }),
      repeat(),
      only((page) => page.moved),
    );
    /**
     * Who waits without end need not read what is known to hold nothing for him. Others look for themselves: what is stored
     * shows at once, whoever has heard of it.
     */
    const first = defer(() => {
      const isEndless = filter !== undefined && longPollingTimeout === Number.POSITIVE_INFINITY;
      const through = isEndless ? quiet.passed(place.after, filter, progressInterval) : undefined;
      if (through === undefined) return read;
      mark = tail.mark();
      return of(leftOut(place, through));
    });
    // Nearly all reads find something: only one that does not waits, and pays for what that takes.
    return first.pipe(
      switchMap((page) => {
        if (page.moved) return of(page);
        latest = page.latest;
        return merge(moved, tail.timeout(longPollingTimeout).pipe(map(() => page))).pipe(take(1));
      }),
    );
  };
  return atPlace(log, request.iterator, pageAt).pipe(
    map(({ items, next }) => ({ events: items, nextEventIterator: next.iterator })),
  );
}
