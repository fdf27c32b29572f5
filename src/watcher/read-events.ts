import { catchError, defer, type Observable, of, takeUntil } from 'rxjs';
import { DeserializationError, EventHandlingError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../event/event-iterator.ts';
import type { GetEventsResponse } from '../store/event-store.ts';
import { givesUp } from './handle-event.ts';
import { isFinal } from './is-final.ts';
import type { Skipped } from './outcome.ts';
import { type RunContext, tryAgain } from './run-context.ts';

/** A page; `skipped` is an event before it that could not be decoded, and was given up. */
export type WatchedPage<E extends Event> = GetEventsResponse<E> & { readonly skipped?: Skipped<E> };

/** The number of the event that could not be decoded, if that is what failed. */
const undecodable = (error: unknown): number | undefined =>
  error instanceof DeserializationError ? error.seqNum : undefined;

/**
 * Reads the next page, however long it takes to come: at the tail it waits without a timer.
 *
 * Failures to read are retried without end. An event that cannot be decoded is one that cannot be handled: reading it
 * is an attempt at it, and the retry strategy decides.
 */
export function readEvents<E extends Event>(
  context: RunContext<E>,
  iterator: EventIterator,
): Observable<WatchedPage<E>> {
  const { store, watcherId, options, monitor, ending } = context;
  const limit = Math.min(options.batchSize, options.bufferSize);
  let skipped: Skipped<E> | undefined;

  const page = defer(() => {
    monitor.listening();
    return store.getEvents({
      iterator,
      limit,
      batchSize: options.batchSize,
      filter: options.filter,
      longPollingTimeout: Number.POSITIVE_INFINITY,
      watcherId,
    });
  });
  return page.pipe(
    takeUntil(ending.given$),
    tryAgain<WatchedPage<E>>(context, (error) => {
      const seqNum = undecodable(error);
      if (seqNum === undefined) {
        monitor.failed(error);
        return isFinal(error);
      }
      const attempts = skipped?.seqNum === seqNum ? skipped.attempts + 1 : 1;
      const failure = new EventHandlingError(watcherId, seqNum, attempts, error);
      skipped = { status: 'skipped', seqNum, attempts, error: failure };
      monitor.failed(failure);
      const isLast = givesUp(options, attempts);
      if (!isLast) monitor.retrying();
      return isLast;
    }),
    catchError((error) => {
      if (skipped === undefined || undecodable(error) === undefined) throw error;
      return of({ events: [], nextEventIterator: afterSequenceNumber(skipped.seqNum), skipped });
    }),
  );
}
