import { Observable } from 'rxjs';
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
  const onProgress = filter && request.onProgress && boundToContext(request.onProgress);
  const bounds = {
    filter,
    maxScanned: batchSize,
    limit: limit === 0 ? batchSize : limit,
  };

  /**
   * Reads at a position, and waits if necessary. This is one Observable without operators, because each waiting reader would
   * keep the operators in memory.
   */
  const readOrWait = (start: Position): Observable<GetEventsResponse> =>
    new Observable((subscriber) => {
      let position = start;
      let mark = appends.mark();
      let latest = 0;
      /** Position after the first read that has scanned no event; set when the timeout starts. */
      let next: Position | undefined;

      const error = (cause: unknown) => subscriber.error(cause);
      const emit = (events: readonly Event[], { iterator }: Position): void => {
        subscriber.next({ events, nextEventIterator: iterator });
        subscriber.complete();
      };
      const skipExcluded = (seqNum: number): void => {
        if (seqNum <= position.after) return;
        position = positionAfter(position, 0, seqNum);
        try {
          onProgress?.(seqNum);
        } catch (cause) {
          error(cause);
        }
      };
      /**
       * Reads again after the next append of a matching event if a filter and `onProgress` are set, otherwise after any
       * append. Any append also counts in two cases that the filtered notifier does not support: the position is after the end
       * of the log, or events were appended during the read.
       */
      const readAfterAppend = (): void => {
        const append$ =
          filter === undefined ||
          onProgress === undefined ||
          position.after > latest ||
          appends.mark() !== mark
            ? appends.since(mark)
            : filteredAppends.since(position.after, filter);
        subscriber.add(append$.subscribe({ next: skipExcluded, error, complete: read }));
      };
      const onPage = (page: Page<Event>): void => {
        latest = page.latest;
        if (page.moved) {
          emit(page.items, page.next);
          return;
        }
        readAfterAppend();
        if (next !== undefined || longPollingTimeout === Number.POSITIVE_INFINITY) return;
        next = page.next;
        const onTimeout = () => emit([], position === start ? page.next : position);
        subscriber.add(appends.timeout(longPollingTimeout).subscribe(onTimeout));
      };
      const read = (): void => {
        mark = appends.mark();
        if (isClosed()) emit([], position);
        else subscriber.add(readEvents(log, codec, position, bounds).subscribe({ next: onPage, error }));
      };
      read();
    });
  return atPosition(log, request.iterator, readOrWait);
}
