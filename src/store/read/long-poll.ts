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

/** Default of the maximum number of scanned events. */
const BATCH_SIZE = 10_000;

/**
 * Reads one page. If the read scans no event, waits for an append and reads again, until a read scans an event or the
 * timeout of the long poll has passed.
 */
export function longPoll(context: ReadContext, request: WatcherPageRequest): Observable<GetEventsResponse> {
  const { log, codec, appends, filteredAppends, isClosed, options } = context;
  const {
    filter,
    limit = 0,
    batchSize = BATCH_SIZE,
    longPollingTimeout = options.longPollingTimeout,
  } = request;
  const onProgress = request.onProgress && boundToContext(request.onProgress);
  const bounds = {
    filter,
    maxScanned: batchSize,
    limit: limit === 0 ? batchSize : limit,
  };

  const readOrWait = (start: Position): Observable<Page<Event>> => {
    let position = start;
    let mark = appends.mark();
    let latest = 0;
    const read = defer(() => {
      mark = appends.mark();
      if (isClosed()) return of({ items: [], next: position, moved: true, latest });
      return readEvents(log, codec, position, bounds);
    });
    const skipExcluded = (seqNum: number): void => {
      if (seqNum <= position.after) return;
      position = positionAfter(position, 0, seqNum);
      onProgress?.(seqNum);
    };
    /** Completes after the next append; with `onProgress` and a filter, after the next append of a matching event. */
    const nextAppend = () =>
      filter === undefined || onProgress === undefined || position.after > latest || appends.mark() !== mark
        ? appends.since(mark)
        : filteredAppends.since(position.after, filter).pipe(tap(skipExcluded), ignoreElements());
    const wait = (page: Page<Event>): Observable<Page<Event>> => {
      latest = page.latest;
      const moved = concat(defer(nextAppend), read).pipe(
        tap((next) => {
          latest = next.latest;
        }),
        repeat(),
        only((next) => next.moved),
      );
      const timedOut = appends
        .timeout(longPollingTimeout)
        .pipe(map(() => (position === start ? page : { ...page, next: position })));
      return merge(moved, timedOut).pipe(take(1));
    };
    // Most reads find events. The operators of the wait are therefore created only after a read that finds no events.
    return read.pipe(switchMap((page) => (page.moved ? of(page) : wait(page))));
  };
  return atPosition(log, request.iterator, readOrWait).pipe(
    map(({ items, next }) => ({ events: items, nextEventIterator: next.iterator })),
  );
}
