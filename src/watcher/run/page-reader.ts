import { defer, Observable, type Observer, type Subscriber } from 'rxjs';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import { backoff } from '../../scheduling/backoff.ts';
import type { GetEventsResponse, WatcherPageRequest } from '../../store/event-store.ts';
import { isPermanent, type RunContext } from './run-context.ts';

/** Decoding error that contains the number of the event. */
export type Undecodable = DeserializationError & { readonly seqNum: number };

/** Page that ends before the first event that cannot be decoded; `undecodable` is the error of that event. */
export type WatchedPage<E extends Event> = GetEventsResponse<E> & { readonly undecodable?: Undecodable };

const isUndecodable = (error: unknown): error is Undecodable =>
  error instanceof DeserializationError && error.seqNum !== undefined;

/** Maximum number of events per page, unless the option `batchSize` or a higher `maxBatch` is set. */
const PAGE = 250;

/**
 * Maximum number of scanned events per page with a filter. It is higher than `PAGE`, because excluded events are not
 * decoded.
 */
const SCANNED = 2000;

/** Position and limits of the next page. If a read fails, its retry reads these properties again. */
export interface NextPage<E extends Event> {
  /** Position of the page. */
  readonly from: EventIterator;
  /** Maximum number of events. The option `batchSize` also limits the page. */
  readonly limit: number;
  /** Maximum wait for an append at the tail, in milliseconds; `Infinity` waits without a timer. */
  readonly maxWait: number;
  /**
   * Called at the tail with the number of the last event that the filter excludes. The next page must start after this
   * number.
   */
  readonly onProgress?: (seqNum: number) => void;
  /** Called with the page, before `readPage` completes. */
  onPage(page: WatchedPage<E>): void;
}

/**
 * Read of one page, and observer of the store. It is a class and not a chain of operators, because each idle watcher keeps
 * a waiting read in memory.
 */
class PageRead<E extends Event> implements Observer<GetEventsResponse<E>> {
  readonly #context: RunContext<E>;
  readonly #nextPage: NextPage<E>;
  readonly #subscriber: Subscriber<never>;
  #failures = 0;

  constructor(context: RunContext<E>, nextPage: NextPage<E>, subscriber: Subscriber<never>) {
    this.#context = context;
    this.#nextPage = nextPage;
    this.#subscriber = subscriber;
  }

  start(): void {
    this.#subscriber.add(defer(() => this.#request()).subscribe(this));
  }

  #request(): Observable<GetEventsResponse<E>> {
    const { store, watcherId, options, listener } = this.#context;
    const { filter, batchSize, maxBatch } = options;
    // By default, a page has room for a whole batch, because a batch of several pages would cost several reads.
    const pageSize = batchSize ?? Math.max(PAGE, maxBatch);
    const { from, limit, maxWait, onProgress } = this.#nextPage;
    listener.reading();
    const request: WatcherPageRequest = {
      iterator: from,
      limit: Math.min(pageSize, limit),
      batchSize: batchSize ?? (filter === undefined ? pageSize : Math.max(SCANNED, pageSize)),
      filter,
      longPollingTimeout: maxWait,
      onProgress,
      watcherId,
    };
    return store.getEvents(request);
  }

  next(page: WatchedPage<E>): void {
    this.#nextPage.onPage(page);
  }

  error(error: unknown): void {
    const { scheduler, options, listener } = this.#context;
    if (isUndecodable(error)) {
      this.next({ events: [], nextEventIterator: this.#nextPage.from, undecodable: error });
      this.complete();
      return;
    }
    listener.failed(error);
    if (isPermanent(error)) this.#subscriber.error(error);
    else this.#subscriber.add(scheduler.schedule(() => this.start(), backoff(++this.#failures, options)));
  }

  complete(): void {
    this.#subscriber.complete();
  }
}

/**
 * Reads the next page, and completes. A read that fails is retried, without a limit, until the run ends. If its error is
 * permanent, the Observable errors instead.
 */
export const readPage = <E extends Event>(context: RunContext<E>, nextPage: NextPage<E>): Observable<never> =>
  new Observable((subscriber) => {
    subscriber.add(context.ending.set$.subscribe(() => subscriber.complete()));
    if (!subscriber.closed) new PageRead(context, nextPage, subscriber).start();
  });
