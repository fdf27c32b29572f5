import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  Observable,
  Subscription,
  tap,
  type Unsubscribable,
} from 'rxjs';
import { type Fault, InvalidOptionsError, StoreClosedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventIterator, EventIteratorCodec, seqNumBefore } from '../event/event-iterator.ts';
import { LoopTurns } from '../scheduling/time-slicer.ts';
import { checkAll } from '../validation/check.ts';
import type { EventStore, EventsOptions } from './event-store.ts';
import { EventsOptionsCodec } from './read/read-options.ts';
import { requireStore } from './require-store.ts';

/** Default of the maximum number of events that one read scans. */
const BATCH_SIZE = 1000;

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('arguments of eventsIterable', faults);

/** Completes immediately, or in a later turn of the event loop if the time slice has ended. */
const ownTurn = (turns: LoopTurns): Observable<never> =>
  new Observable((subscriber) => {
    const resume = () => subscriber.complete();
    if (!turns.shouldYield(true)) {
      resume();
      return;
    }
    turns.resumeLater(resume);
    return () => turns.cancel(resume);
  });

/** Reader that requests one page after another for an iteration. */
interface PageReader<E> {
  /** Returns the sequence number up to which the previous pages have scanned the log. */
  readonly position: () => number;
  /** Emits the next page, which can be empty. Completes without a page if the iteration has reached its end. */
  readonly page$: Observable<readonly E[]>;
}

function createPageReader<E extends Event>(
  store: EventStore<E>,
  from: EventIterator,
  { filter, batchSize = BATCH_SIZE, live = true }: EventsOptions,
): PageReader<E> {
  const longPollingTimeout = live ? Number.POSITIVE_INFINITY : 0;
  const turns = new LoopTurns(store.internals.scheduler);
  let iterator = from;
  let end = live ? Number.POSITIVE_INFINITY : undefined;
  let hasRead = false;

  const findEnd = defer(() => (end === undefined ? store.getLatestSeqNum() : EMPTY)).pipe(
    tap((latest) => {
      end = latest;
    }),
    ignoreElements(),
  );
  const readPage = defer(() => {
    const bound = end ?? 0;
    if (seqNumBefore(iterator) >= bound) return EMPTY;
    return store.getEvents({ iterator, filter, batchSize, longPollingTimeout }).pipe(
      map(({ events, nextEventIterator }) => {
        iterator = nextEventIterator;
        hasRead = true;
        return live ? events : events.filter(({ seqNum }) => seqNum <= bound);
      }),
    );
  });
  return {
    position: () => seqNumBefore(iterator),
    page$: concat(ownTurn(turns), findEnd, readPage).pipe(
      catchError((error) => {
        // The close of a store ends the iteration. The close is an error only if the iteration has not read any page before.
        if (hasRead && error instanceof StoreClosedError) return EMPTY;
        throw error;
      }),
    ),
  };
}

/** Functions that settle the Promise of a call of `next`. */
interface PendingNext<E> {
  readonly resolve: (result: IteratorResult<E, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Iterator over the events of a store. It holds one page, and reads the next page only for a pending call of `next`.
 *
 * This is not an async generator, because `return` of a generator would wait for a pending `next`, which can wait for an
 * append.
 */
class EventsIterator<E extends Event> implements AsyncIterator<E, undefined> {
  readonly #store: EventStore<E>;
  readonly #reader: PageReader<E>;
  readonly #isLive: boolean;
  readonly #pending: PendingNext<E>[] = [];
  #page: readonly E[] = [];
  #index = 0;
  #state: 'new' | 'idle' | 'reading' | 'ended' = 'new';
  #isServing = false;
  #reading = Subscription.EMPTY;
  #pin: Unsubscribable = Subscription.EMPTY;

  constructor(store: EventStore<E>, from: EventIterator, options: EventsOptions) {
    this.#store = store;
    this.#reader = createPageReader(store, from, options);
    this.#isLive = options.live ?? true;
  }

  next(): Promise<IteratorResult<E, undefined>> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#serve();
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#page = [];
    this.#end();
    this.#serve();
    return Promise.resolve({ done: true, value: undefined });
  }

  /**
   * Settles pending calls of `next` in order, until a call has to wait. This is a loop, because recursion could overflow the
   * stack if reads are synchronous.
   */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#pending.length > 0 && this.#state !== 'reading') {
      if (this.#index < this.#page.length) {
        this.#pending.shift()?.resolve({ done: false, value: this.#page[this.#index++] as E });
      } else if (this.#state === 'ended') {
        this.#pending.shift()?.resolve({ done: true, value: undefined });
      } else {
        this.#read();
      }
    }
    this.#isServing = false;
  }

  #read(): void {
    if (this.#state === 'new') this.#pin = this.#store.internals.retainFrom(this.#reader.position);
    this.#state = 'reading';
    let page: readonly E[] | undefined;
    this.#reading = this.#reader.page$.subscribe({
      next: (events) => {
        page = events;
      },
      error: (error) => {
        this.#end();
        this.#pending.shift()?.reject(error);
        this.#serve();
      },
      complete: () => {
        if (this.#state === 'ended') return; // `return` was called during a synchronous read.
        if (page === undefined) this.#end();
        else {
          this.#state = 'idle';
          this.#page = page;
          this.#index = 0;
        }
        this.#serve();
      },
    });
    if (this.#state !== 'reading') this.#reading.unsubscribe();
    else if (this.#isLive) this.#reading.add(this.#store.internals.keepAlive());
  }

  /** Ends the iteration, cancels a pending read, and removes the pin that kept unread events from garbage collection. */
  #end(): void {
    this.#state = 'ended';
    this.#reading.unsubscribe();
    this.#pin.unsubscribe();
  }
}

/**
 * Returns the events of a store as an async iterable, for `for await`. The iterable yields the same events as
 * `store.events`, but with backpressure: it reads a page only after the loop has taken the last event of the previous page.
 *
 * Each iteration is independent and reads nothing before its first step. A `break`, a `return` or an error in the loop ends
 * the iteration immediately, and so does a call of `return()` while the iterator waits for an event. During the iteration,
 * garbage collection by age does not delete events that are not yet read. The iteration ends when the store is closed. A
 * live iteration that waits for an event keeps the process alive, unless the store option `keepAlive` is `false`.
 *
 * @param from - Position at which each iteration starts.
 * @param options - Options of `store.events`. `batchSize` limits the events in memory.
 * @throws {@link InvalidOptionsError} if an argument is not valid; thrown by the call. All other errors are thrown by the
 *   loop.
 * @throws {@link SequenceTrimmedError} if the log no longer holds the next event.
 * @throws {@link DeserializationError} if an event cannot be read. The events before it are emitted first.
 * @throws {@link StoreClosedError} if the store was closed before the first step.
 * @throws {@link StoreError} if the engine fails.
 * @see [Getting started](../../docs/guides/getting-started.md)
 * @example
 * for await (const { seqNum, object } of eventsIterable(store, trimHorizon(), { live: false })) {
 *   await upload(seqNum, object); // The next page is not read before this page is uploaded.
 * }
 */
export function eventsIterable<E extends Event>(
  store: EventStore<E>,
  from: EventIterator,
  options: EventsOptions = {},
): AsyncIterable<E, undefined> {
  requireStore('store', store, 'getEvents', 'getLatestSeqNum');
  const checked = checkAll({ from: [EventIteratorCodec, from], '': [EventsOptionsCodec, options] }, invalid);
  return { [Symbol.asyncIterator]: () => new EventsIterator(store, checked.from, checked['']) };
}
