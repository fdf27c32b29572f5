import {
  concat,
  concatMap,
  from,
  ignoreElements,
  merge,
  NEVER,
  Observable,
  of,
  type Subscriber,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../../event/event-iterator.ts';
import { handleBatch } from '../../handling/handle-batch.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { pullLoop } from '../../scheduling/pull-loop.ts';
import type { Step } from '../../scheduling/step.ts';
import type { EventStore } from '../../store/event-store.ts';
import { handleInTransactions } from '../transaction/handle-in-transactions.ts';
import { batched, type Dispatcher, Sequential } from './dispatch.ts';
import { keyed } from './keyed-dispatch.ts';
import { type NextPage, readPage, type Undecodable, type WatchedPage } from './page-reader.ts';
import { ProgressTracker } from './progress-tracker.ts';
import type { DeliveryContext, RunContext } from './run-context.ts';
import { deleteDeadLetter, storeDeadLetter } from './store-dead-letter.ts';
import { handleUndecodable } from './undecodable-event.ts';

/** Completes if the store is open. Errors with a `StoreClosedError` if the store is closed and accepts no checkpoint. */
const assertOpen = <E extends Event>({ closed$ = NEVER }: EventStore<E>): Observable<never> =>
  merge(closed$.pipe(switchMap(() => throwError(() => new StoreClosedError()))), of('open')).pipe(
    take(1),
    ignoreElements(),
  );

const lastScannedSeqNum = (next: EventIterator): number =>
  next.type === 'after_sequence_number' ? next.sequenceNumber : 0;

const unchanged = <T>(value: T): T => value;
const emitted = <T>(value: T): Observable<T> => of(value);

/**
 * Adds the parts of the page loop to the context of a run. With the strategy `deadLetter`, events that are given up are
 * stored as dead letters.
 *
 * @param deadLetters - Numbers of the dead letters to delete when their events are handled.
 */
const createDeliveryContext = <E extends Event>(
  run: RunContext<E>,
  tracker: ProgressTracker,
  deadLetters: Set<number>,
): DeliveryContext<E> => {
  const isDeadLettering = run.options.retryStrategy === 'deadLetter';
  const deleted = (outcome: Outcome<E>) => deleteDeadLetter(run, deadLetters, outcome);
  const deleteHandled = (outcomes: readonly Outcome<E>[]) =>
    deadLetters.size === 0 ? outcomes : from(outcomes).pipe(concatMap(deleted));
  return {
    // The new properties are before the spread, because V8 would give each object with properties after a spread a separate
    // shape (decision 17).
    tracker,
    handled: deadLetters.size === 0 ? unchanged : deleteHandled,
    giveUp: isDeadLettering ? (skipped, began) => storeDeadLetter(run, tracker, skipped, began) : emitted,
    ...run,
  };
};

const createDispatcher = <E extends Event>(
  context: DeliveryContext<E>,
  output: Subscriber<Outcome<E>>,
): Dispatcher<E> => {
  const { handler, options } = context;
  if (handler.kind === 'batch') {
    return batched(context, (batch) => handleBatch(context, handler.handle, batch));
  }
  if (handler.kind === 'transaction') {
    return batched(context, (batch) => handleInTransactions(context, handler.handle, batch));
  }
  return options.concurrency > 1
    ? keyed(context, handler.handle, output)
    : new Sequential(context, handler.handle);
};

/** Loop over the pages of a run. It provides the steps of a pull loop, and records the outcomes of these steps. */
class PageLoop<E extends Event> implements NextPage<E> {
  readonly #context: DeliveryContext<E>;
  readonly #dispatcher: Dispatcher<E>;
  #page: Omit<WatchedPage<E>, 'events'>;
  /** Events of the page that the dispatcher has not accepted yet, in reverse order. */
  #remaining: E[] = [];
  #isEmpty = true;
  #isEnded = false;
  /** Number of the last event that was added to the tracker or excluded by the filter. */
  #lastSeqNum: number;

  constructor(context: DeliveryContext<E>, position: number, output: Subscriber<Outcome<E>>) {
    this.#context = context;
    this.#page = { nextEventIterator: afterSequenceNumber(position) };
    this.#lastSeqNum = position;
    this.#dispatcher = createDispatcher(context, output);
  }

  /** Records that the event of an outcome is settled. */
  settle(outcome: Outcome<E>): void {
    const { tracker, checkpoints, progressWriter, listener } = this.#context;
    tracker.settle(outcome.seqNum);
    const { ackFloor } = tracker;
    // A transaction or a dead letter may already have stored this checkpoint together with its other writes.
    if (checkpoints.isForward(ackFloor)) progressWriter.write(ackFloor);
    listener.progressed(ackFloor, outcome);
  }

  get from(): EventIterator {
    return this.#page.nextEventIterator;
  }

  get limit(): number {
    return this.#context.options.bufferSize - this.#context.tracker.size;
  }

  get maxWait(): number {
    return this.#dispatcher.maxWait();
  }

  onPage({ events, ...page }: WatchedPage<E>): void {
    this.#page = page;
    this.#remaining = [...events].reverse();
    this.#isEmpty = events.length === 0;
    this.#context.listener.pageRead(page.nextEventIterator, this.#isEmpty);
  }

  readonly onProgress = (seqNum: number): void => {
    this.#page = { nextEventIterator: afterSequenceNumber(seqNum) };
    const { tracker, listener } = this.#context;
    this.#skipFiltered(seqNum);
    listener.pageRead(this.from, true);
    listener.progressed(tracker.ackFloor);
  };

  /**
   * Records progress past excluded events. The caller must notify listeners after this call: a listener can end the run,
   * and a run that has ended must not write checkpoints.
   */
  #skipFiltered(seqNum: number): void {
    const { tracker, progressWriter } = this.#context;
    this.#lastSeqNum = seqNum;
    tracker.skipFiltered(seqNum);
    progressWriter.writeDebounced(tracker.ackFloor);
  }

  #take(seqNum: number): void {
    this.#lastSeqNum = seqNum;
    this.#context.tracker.take(seqNum);
  }

  #deliverUndecodable(error: Undecodable): Observable<Outcome<E>> {
    const { seqNum } = error;
    const iterator = this.from;
    this.#take(seqNum);
    this.#page = { nextEventIterator: afterSequenceNumber(seqNum) };
    this.#isEmpty = true;
    return handleUndecodable(this.#context, iterator, error);
  }

  #end(): Step<Outcome<E>> {
    if (this.#isEnded) return undefined;
    const flush = this.#dispatcher.flush();
    if (flush !== undefined) return flush;
    this.#isEnded = true;
    return concat(this.#context.progressWriter.flushed, assertOpen(this.#context.store));
  }

  /** Returns the next step of the pull loop; `undefined` at the end of the run. */
  nextStep(): Step<Outcome<E>> {
    const { ending, pauseSwitch, tracker, listener } = this.#context;
    if (ending.isSet) return this.#end();
    const next = this.#dispatcher.next();
    if (next !== undefined) return next;
    const event = this.#remaining.pop();
    if (event !== undefined) {
      this.#take(event.seqNum);
      return this.#dispatcher.deliver(event);
    }
    const { undecodable, nextEventIterator } = this.#page;
    // Settle the accepted events first. The key of an event that cannot be decoded is unknown, and an event in flight may
    // have the same key.
    if (undecodable !== undefined) return this.#dispatcher.flush() ?? this.#deliverUndecodable(undecodable);
    const lastScanned = lastScannedSeqNum(nextEventIterator);
    if (lastScanned > this.#lastSeqNum) {
      this.#skipFiltered(lastScanned);
      listener.progressed(tracker.ackFloor);
      return [];
    }
    if (!pauseSwitch.isOpen) return pauseSwitch.resumed$.pipe(takeUntil(ending.set$));
    const isFlushDue = this.#isEmpty && this.maxWait === 0;
    return (isFlushDue ? this.#dispatcher.flush() : undefined) ?? readPage(this.#context, this);
  }
}

/**
 * Reads pages after `position` and passes their events to the dispatcher. Each event is handled inside the loop, so that at
 * most `bufferSize` events are read and not yet handled. If the end of the run is requested, the loop ends when the attempts
 * in flight have settled.
 *
 * @param deadLetters - Numbers of the dead letters to delete when their events are handled.
 */
export const pageLoop = <E extends Event>(
  run: RunContext<E>,
  position: number,
  deadLetters: Set<number>,
): Observable<Outcome<E>> =>
  new Observable((subscriber) => {
    const tracker = new ProgressTracker(position);
    run.listener.tracking(tracker);
    subscriber.add(run.store.internals.retainFrom(() => tracker.ackFloor));
    const context = createDeliveryContext(run, tracker, deadLetters);
    let loop: PageLoop<E>;
    const begin = (output: Subscriber<Outcome<E>>) => {
      loop = new PageLoop(context, position, output);
      return () => loop.nextStep();
    };
    pullLoop(begin, context.scheduler)
      .pipe(tap((outcome) => loop.settle(outcome)))
      .subscribe(subscriber);
  });
