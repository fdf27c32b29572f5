import { defer, Observable } from 'rxjs';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import { backoff } from '../../scheduling/backoff.ts';
import type { GetEventsResponse, WatcherPageRequest } from '../../store/event-store.ts';
import { isPermanent, type RunContext } from './run-context.ts';

/** Error that names the event which cannot be decoded. */
export type Undecodable = DeserializationError & { readonly seqNum: number };

/** Page that ends before the first event which cannot be decoded. */
export type WatchedPage<E extends Event> = GetEventsResponse<E> & { readonly undecodable?: Undecodable };

const isUndecodable = (error: unknown): error is Undecodable =>
  error instanceof DeserializationError && error.seqNum !== undefined;

/** Maximum number of events per page, unless the option `batchSize` is set. */
const PAGE = 250;

/** Maximum number of scanned events per page with a filter. It is higher because an excluded event costs little. */
const SCANNED = 2000;

/** Position and limits of the next page. */
export interface NextPage<E extends Event> {
  /** Returns the position of the page. Called at each attempt to read it. */
  readonly from: () => EventIterator;
  /** Maximum number of events, in addition to the limit of the options. */
  readonly limit: number;
  /** Maximum wait for an append at the tail, in milliseconds; `Infinity` waits without a timer. */
  readonly maxWait: number;
  /** Called with the number of the last event that the filter excludes at the tail. The next page must start after it. */
  readonly onProgress?: (seqNum: number) => void;
  /** Called with the page. */
  readonly onPage: (page: WatchedPage<E>) => void;
}

/**
 * Reads the next page, and completes. Failures to read are retried without a limit, until the run ends.
 *
 * It is one Observable without operators, because each idle watcher keeps the memory of the read that waits.
 */
export function readPage<E extends Event>(
  context: RunContext<E>,
  { from, limit, maxWait, onProgress, onPage }: NextPage<E>,
): Observable<never> {
  const { store, watcherId, options, scheduler, listener, ending } = context;
  const { filter } = options;
  const { batchSize = filter === undefined ? PAGE : SCANNED } = options;

  const page = defer(() => {
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
  return new Observable((subscriber) => {
    let failures = 0;
    const complete = () => subscriber.complete();
    const onError = (error: unknown): void => {
      if (isUndecodable(error)) {
        onPage({ events: [], nextEventIterator: from(), undecodable: error });
        complete();
        return;
      }
      listener.failed(error);
      if (isPermanent(error)) subscriber.error(error);
      else subscriber.add(scheduler.schedule(read, backoff(++failures, options)));
    };
    const read = (): void => {
      subscriber.add(page.subscribe({ next: onPage, error: onError, complete }));
    };
    subscriber.add(ending.set$.subscribe(complete));
    if (!subscriber.closed) read();
  });
}
