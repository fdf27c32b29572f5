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
import type { Event } from '../../event/event.ts';
import { boundToContext } from '../../scheduling/call-context.ts';
import type { GetEventsResponse, WatcherPageRequest } from '../event-store.ts';
import { atPosition, type Position, positionAfter } from './position.ts';
import type { ReadContext } from './read-context.ts';
import { type Page, readEvents } from './read-page.ts';

/** Events examined in one call, unless the caller says otherwise. */
const BATCH_SIZE = 10_000;

/** One page, as soon as there is something to give or the reader has moved; an empty one when the wait is over. */
export function longPoll(parts: ReadContext, request: WatcherPageRequest): Observable<GetEventsResponse> {
  const { log, codec, appends, filteredAppends, isClosed, options } = parts;
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
    maxScanned: batchSize,
    limit: limit === 0 ? batchSize : limit,
  };

  /** Reads; where that leads nowhere, again each time that there is news, until it does or the wait is over. */
  const pageAt = (start: Position): Observable<Page<Event>> => {
    let place = start;
    let mark = appends.mark();
    let latest = 0;
    const read = defer(() => {
      mark = appends.mark();
      if (isClosed()) return of({ items: [], next: place, moved: true, latest });
      return readEvents(log, codec, place, bounds);
    });
    const pass = (through: number): void => {
      if (through <= place.after) return;
      place = positionAfter(place, 0, through);
      onProgress?.(through);
    };
    /** Completes when there is news: any, or, for who is told of progress, such as the filter lets through. */
    const news = () =>
      filter === undefined || onProgress === undefined || place.after > latest || appends.mark() !== mark
        ? appends.since(mark)
        : filteredAppends.since(place.after, filter, progressInterval).pipe(tap(pass), ignoreElements());
    const wait = (page: Page<Event>): Observable<Page<Event>> => {
      latest = page.latest;
      const moved = concat(defer(news), read).pipe(
        tap((next) => {
          latest = next.latest;
        }),
        repeat(),
        only((next) => next.moved),
      );
      const over = appends
        .timeout(longPollingTimeout)
        .pipe(map(() => (place === start ? page : { ...page, next: place })));
      return merge(moved, over).pipe(take(1));
    };
    // Nearly all reads find something: only one that does not waits, and pays for what that takes.
    return read.pipe(switchMap((page) => (page.moved ? of(page) : wait(page))));
  };
  return atPosition(log, request.iterator, pageAt).pipe(
    map(({ items, next }) => ({ events: items, nextEventIterator: next.iterator })),
  );
}
