import {
  concat,
  defer,
  ignoreElements,
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
import { boundToContext } from '../flow/in-own-context.ts';
import type { GetEventsRequest, GetEventsResponse } from './event-store.ts';
import { atPlace, type Place, placeAfter } from './place.ts';
import { type Page, readEvents } from './read-page.ts';
import type { StoreParts } from './store-parts.ts';

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
  const onProgress = request.onProgress && boundToContext(request.onProgress);
  const bounds = {
    filter,
    maxExamined: batchSize,
    maxGiven: limit === 0 ? batchSize : limit,
  };

  /** Reads; where that leads nowhere, again each time that there is news, until it does or the wait is over. */
  const pageAt = (start: Place): Observable<Page<Event>> => {
    let place = start;
    let mark = tail.mark();
    let latest = 0;
    const read = defer(() => {
      mark = tail.mark();
      if (isClosed()) return of({ items: [], next: place, moved: true, latest });
      return readEvents(log, codec, place, bounds);
    });
    const pass = (through: number): void => {
      if (through <= place.after) return;
      place = placeAfter(place, 0, through);
      onProgress?.(through);
    };
    /** Completes when there is news: any, or, for who is told of progress, such as the filter lets through. */
    const news = () =>
      filter === undefined || onProgress === undefined || place.after > latest || tail.mark() !== mark
        ? tail.since(mark)
        : quiet.since(place.after, filter, progressInterval).pipe(tap(pass), ignoreElements());
    const wait = (page: Page<Event>): Observable<Page<Event>> => {
      latest = page.latest;
      const moved = concat(defer(news), read).pipe(
        tap((next) => {
          latest = next.latest;
        }),
        repeat(),
        only((next) => next.moved),
      );
      const over = tail
        .timeout(longPollingTimeout)
        .pipe(map(() => (place === start ? page : { ...page, next: place })));
      return merge(moved, over).pipe(take(1));
    };
    // Nearly all reads find something: only one that does not waits, and pays for what that takes.
    return read.pipe(switchMap((page) => (page.moved ? of(page) : wait(page))));
  };
  return atPlace(log, request.iterator, pageAt).pipe(
    map(({ items, next }) => ({ events: items, nextEventIterator: next.iterator })),
  );
}
