import { defer, endWith, filter, map, merge, type Observable, of, repeat, switchMap, take } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { GetEventsRequest, GetEventsResponse } from './event-store.ts';
import { type Place, resolvePlace } from './place.ts';
import { readPage } from './read-page.ts';
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

  const emptyPage = (place: Place): GetEventsResponse<Event> => ({
    events: [],
    nextEventIterator: place.iterator,
  });

  const poll = (place: Place) => {
    let mark = tail.mark();
    let stand = place;
    const read = defer(() => {
      mark = tail.mark();
      return isClosed() ? of({ events: [], next: stand, moved: true }) : readPage(log, codec, place, bounds);
    });
    const found = read.pipe(
      repeat({ delay: () => woken(mark) }),
      filter((page) => {
        stand = page.next;
        return page.moved;
      }),
      map(({ events, next }) => ({ events, nextEventIterator: next.iterator })),
    );
    const timedOut = tail.timeout(longPollingTimeout).pipe(map(() => emptyPage(stand)));
    return merge(found, timedOut).pipe(take(1));
  };
  const woken = (mark: number) => tail.since(mark).pipe(endWith(undefined));

  return defer(() => resolvePlace(log, request.iterator)).pipe(switchMap(poll));
}
