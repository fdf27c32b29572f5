import { catchError, defer, type Observable, of, takeUntil } from 'rxjs';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { GetEventsResponse, WatcherPageRequest } from '../../store/event-store.ts';
import { type RunContext, retryStoreFailure } from './run-context.ts';

/** Error that names the event which cannot be decoded. */
export type Undecodable = DeserializationError & { readonly seqNum: number };

/** Page that ends before the first event which cannot be decoded. */
export type WatchedPage<E extends Event> = GetEventsResponse<E> & { readonly undecodable?: Undecodable };

const isUndecodable = (error: unknown): error is Undecodable =>
  error instanceof DeserializationError && error.seqNum !== undefined;

/** Maximum number of events per page, unless the option `batchSize` is set. */
const PAGE = 100;

/** Maximum number of scanned events per page with a filter. It is higher because an excluded event costs little. */
const SCANNED = 2000;

/** Position and limits of the next page. */
export interface NextPage {
  /** Returns the position of the page. Called at each attempt to read it. */
  readonly from: () => EventIterator;
  /** Maximum number of events, in addition to the limit of the options. */
  readonly limit: number;
  /** Maximum wait for an append at the tail, in milliseconds; `Infinity` waits without a timer. */
  readonly maxWait: number;
  /** Called with the number of the last event that the filter excludes at the tail. The next page must start after it. */
  readonly onProgress?: (seqNum: number) => void;
}

/** Reads the next page. Failures to read are retried without a limit. */
export function readPage<E extends Event>(
  context: RunContext<E>,
  { from, limit, maxWait, onProgress }: NextPage,
): Observable<WatchedPage<E>> {
  const { store, watcherId, options, listener, ending } = context;
  const { filter } = options;
  const { batchSize = filter === undefined ? PAGE : SCANNED } = options;

  const page = defer((): Observable<WatchedPage<E>> => {
    listener.reading();
    const request: WatcherPageRequest = {
      iterator: from(),
      limit: Math.min(options.batchSize ?? PAGE, limit),
      batchSize,
      filter,
      longPollingTimeout: maxWait,
      onProgress,
      watcherId,
    };
    return store.getEvents(request);
  });
  return page.pipe(
    takeUntil(ending.set$),
    catchError((error) => {
      if (!isUndecodable(error)) throw error;
      return of({ events: [], nextEventIterator: from(), undecodable: error });
    }),
    retryStoreFailure<WatchedPage<E>>(context),
  );
}
