import {
  concat,
  concatMap,
  defer,
  from,
  ignoreElements,
  merge,
  NEVER,
  type Observable,
  of,
  type Subscriber,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  using,
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
import { batched, type Dispatcher, sequential } from './dispatch.ts';
import { keyed } from './keyed-dispatch.ts';
import { readPage, type Undecodable, type WatchedPage } from './page-reader.ts';
import { ProgressTracker } from './progress-tracker.ts';
import type { DeliveryContext, RunContext } from './run-context.ts';
import { deleteDeadLetter, storeDeadLetter } from './store-dead-letter.ts';
import { handleUndecodable } from './undecodable-event.ts';

/** Completes, or fails with a `StoreClosedError` if the store is closed and accepts no further checkpoint. */
const assertOpen = <E extends Event>({ closed$ = NEVER }: EventStore<E>): Observable<never> =>
  merge(closed$.pipe(switchMap(() => throwError(() => new StoreClosedError()))), of('open')).pipe(
    take(1),
    ignoreElements(),
  );

const lastScannedSeqNum = (next: EventIterator): number =>
  next.type === 'after_sequence_number' ? next.sequenceNumber : 0;

/**
 * Creates the context of the page loop. Given-up events are stored as dead letters, if that is the retry strategy.
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
  return {
    // New properties stand before the spread. V8 gives each object with properties after a spread a separate shape (decision
    // 17).
    tracker,
    handled: (outcomes) => (deadLetters.size === 0 ? outcomes : from(outcomes).pipe(concatMap(deleted))),
    giveUp: (skipped, began) =>
      isDeadLettering ? storeDeadLetter(run, tracker, skipped, began) : of(skipped),
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
    : sequential(context, handler.handle);
};

/** Returns the function that returns the next step of the page loop. */
const pageSteps = <E extends Event>(
  context: DeliveryContext<E>,
  position: number,
  output: Subscriber<Outcome<E>>,
): (() => Step<Outcome<E>>) => {
  const { store, options, ending, tracker, pauseSwitch, listener, progressWriter } = context;
  const dispatcher = createDispatcher(context, output);
  let page: Omit<WatchedPage<E>, 'events'> = {
    nextEventIterator: afterSequenceNumber(position),
  };
  /** Events of the page that were not taken yet, in reverse order. A taken event can be garbage-collected. */
  let remaining: E[] = [];
  let isEmpty = true;
  let isEnded = false;
  /** Number of the last event that was taken or excluded by the filter. */
  let lastSeqNum = position;

  /**
   * Records progress. The caller notifies listeners afterwards, because a run that a listener has ended must not write
   * checkpoints.
   */
  const skipFiltered = (seqNum: number): void => {
    lastSeqNum = seqNum;
    tracker.skipFiltered(seqNum);
    progressWriter.writeDebounced(tracker.ackFloor);
  };
  const takeEvent = (seqNum: number, timestamp?: Date) => {
    lastSeqNum = seqNum;
    tracker.take(seqNum, timestamp);
  };
  const read = () => {
    const request = {
      from: () => page.nextEventIterator,
      limit: options.bufferSize - tracker.size,
      maxWait: dispatcher.maxWait(),
      onPage({ events, ...next }: WatchedPage<E>) {
        page = next;
        remaining = [...events].reverse();
        isEmpty = events.length === 0;
        listener.pageRead(next.nextEventIterator, isEmpty);
      },
      onProgress(seqNum: number) {
        page = { nextEventIterator: afterSequenceNumber(seqNum) };
        skipFiltered(seqNum);
        listener.pageRead(page.nextEventIterator, true);
        listener.progressed(tracker.ackFloor);
      },
    };
    return readPage(context, request);
  };
  const deliverUndecodable = (error: Undecodable) => {
    const { seqNum } = error;
    const iterator = page.nextEventIterator;
    takeEvent(seqNum);
    page = { nextEventIterator: afterSequenceNumber(seqNum) };
    isEmpty = true;
    return handleUndecodable(context, iterator, error);
  };
  const end = (): Step<Outcome<E>> => {
    if (isEnded) return undefined;
    const flush = dispatcher.flush();
    if (flush !== undefined) return flush;
    isEnded = true;
    return concat(progressWriter.flushed, assertOpen(store));
  };
  return () => {
    if (ending.isSet) return end();
    const next = dispatcher.next();
    if (next !== undefined) return next;
    const event = remaining.pop();
    if (event !== undefined) {
      takeEvent(event.seqNum, event.timestamp);
      return dispatcher.deliver(event);
    }
    // Flush first. The key of an event that cannot be decoded is unknown, and an event in flight can have the same key.
    if (page.undecodable !== undefined) return dispatcher.flush() ?? deliverUndecodable(page.undecodable);
    const lastScanned = lastScannedSeqNum(page.nextEventIterator);
    if (lastScanned > lastSeqNum) {
      skipFiltered(lastScanned);
      listener.progressed(tracker.ackFloor);
      return [];
    }
    if (!pauseSwitch.isOpen) return pauseSwitch.resumed$.pipe(takeUntil(ending.set$));
    const isFlushDue = isEmpty && dispatcher.maxWait() === 0;
    return (isFlushDue ? dispatcher.flush() : undefined) ?? read();
  };
};

/**
 * Reads pages after `position` and passes their events to the dispatcher. Each event is handled inside the loop, so that
 * at most `bufferSize` events are read and not yet handled. After the end of the run is requested, the loop ends after
 * the attempts in flight.
 *
 * @param deadLetters - Numbers of the dead letters to delete when their events are handled.
 */
export const pageLoop = <E extends Event>(
  run: RunContext<E>,
  position: number,
  deadLetters: Set<number>,
): Observable<Outcome<E>> =>
  defer(() => {
    const tracker = new ProgressTracker(position);
    const { store, scheduler, listener, checkpoints, progressWriter } = run;
    listener.tracking(tracker);
    const settle = (outcome: Outcome<E>): void => {
      tracker.settle(outcome.seqNum);
      const { ackFloor } = tracker;
      // A transaction or a dead letter has stored the checkpoint of its events already.
      if (checkpoints.isForward(ackFloor)) progressWriter.write(ackFloor);
      listener.progressed(ackFloor, outcome);
    };
    const context = createDeliveryContext(run, tracker, deadLetters);
    return using(
      () => store.internals.retainFrom(() => tracker.ackFloor),
      () =>
        pullLoop<Outcome<E>>((output) => pageSteps(context, position, output), scheduler).pipe(tap(settle)),
    );
  });
