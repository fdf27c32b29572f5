import { catchError, defer, type Observable, of, takeUntil } from 'rxjs';
import { DeserializationError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import type { GetEventsResponse } from '../store/event-store.ts';
import { isFinal } from './is-final.ts';
import { type RunContext, tryAgain } from './run-context.ts';

/** An error that names the event which cannot be decoded. */
export type Undecodable = DeserializationError & { readonly seqNum: number };

/** A page, which may be cut short before an event that cannot be decoded. */
export type WatchedPage<E extends Event> = GetEventsResponse<E> & { readonly undecodable?: Undecodable };

const isUndecodable = (error: unknown): error is Undecodable =>
  error instanceof DeserializationError && error.seqNum !== undefined;

/**
 * Reads the next page. Failures to read are retried without end.
 *
 * @param limit - The most events to give.
 * @param patience - How long to wait at the tail, in milliseconds; `Infinity` waits without a timer.
 */
export function readEvents<E extends Event>(
  context: RunContext<E>,
  iterator: EventIterator,
  limit: number,
  patience: number,
): Observable<WatchedPage<E>> {
  const { store, watcherId, options, monitor, ending } = context;
  const { batchSize, filter, checkpointInterval } = options;

  const page = defer((): Observable<WatchedPage<E>> => {
    monitor.listening();
    const longPollingTimeout = patience;
    const progressInterval = checkpointInterval;
    return store.getEvents({
      iterator,
      limit,
      batchSize,
      filter,
      longPollingTimeout,
      progressInterval,
      watcherId,
    });
  });
  return page.pipe(
    takeUntil(ending.given$),
    catchError((error) => {
      if (!isUndecodable(error)) throw error;
      return of({ events: [], nextEventIterator: iterator, undecodable: error });
    }),
    tryAgain<WatchedPage<E>>(context, (error) => {
      monitor.failed(error);
      return isFinal(error);
    }),
  );
}
