import {
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  from,
  ignoreElements,
  merge,
  NEVER,
  Observable,
  of,
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
import type { Outcome } from '../../handling/outcome.ts';
import { mergeUntilComplete } from '../../scheduling/merge-until-complete.ts';
import { pullLoop, type Step } from '../../scheduling/pull-loop.ts';
import type { EventStore } from '../../store/event-store.ts';
import { batched, type Dispatcher, sequential } from './dispatch.ts';
import { keyed } from './keyed-dispatch.ts';
import { readPage, type Undecodable, type WatchedPage } from './page-reader.ts';
import { ProgressTracker } from './progress-tracker.ts';
import { type RunContext, retryStoreFailure } from './run-context.ts';
import { storeDeadLetter } from './store-dead-letter.ts';
import { handleUndecodable } from './undecodable-event.ts';

/** Completes, or fails with a `StoreClosedError` if the store is closed and accepts no further checkpoint. */
const assertOpen = <E extends Event>({ closed$ = NEVER }: EventStore<E>): Observable<never> =>
  merge(closed$.pipe(switchMap(() => throwError(() => new StoreClosedError()))), of('open')).pipe(
    take(1),
    ignoreElements(),
  );

const lastScannedSeqNum = (next: EventIterator): number =>
  next.type === 'after_sequence_number' ? next.sequenceNumber : 0;

/** Returns a context that stores given-up events as dead letters, if that is the retry strategy. */
const withDeadLetters = <E extends Event>(context: RunContext<E>, tracker: ProgressTracker): RunContext<E> =>
  context.options.retryStrategy === 'deadLetter'
    ? { ...context, giveUp: (skipped, began) => storeDeadLetter(context, tracker, skipped, began) }
    : context;

const createDispatcher = <E extends Event>(
  context: RunContext<E>,
  tracker: ProgressTracker,
): Dispatcher<E> => {
  const { handler, options } = context;
  if (handler.kind === 'batch') return batched(context, handler.handle);
  return options.concurrency > 1
    ? keyed(context, handler.handle, tracker)
    : sequential(context, handler.handle);
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
    const context = withDeadLetters(run, tracker);
    const { store, watcherId, options, scheduler, ending, pauseSwitch, listener, progressWriter } = context;
    const dispatcher = createDispatcher(context, tracker);
    listener.tracking(tracker);
    let page: Omit<WatchedPage<E>, 'events'> = {
      nextEventIterator: afterSequenceNumber(position),
    };
    /** Events of the page that were not taken yet, in reverse order. A taken event can be garbage-collected. */
    let remaining: E[] = [];
    let isEmpty = true;
    let isEnded = false;
    /** Number of the last event that was taken or excluded by the filter. */
    let lastSeqNum = position;

    const settle = (outcome: Outcome<E>): void => {
      tracker.settle(outcome.seqNum);
      const { ackFloor } = tracker;
      progressWriter.write(ackFloor);
      listener.progressed(ackFloor, outcome);
    };
    /** Deletes the dead letter of an event that is now handled. */
    const withoutDeadLetter = (outcome: Outcome<E>): Observable<Outcome<E>> => {
      if (outcome.status === 'skipped' || !deadLetters.delete(outcome.seqNum)) return of(outcome);
      return defer(() => store.deleteDeadLetter(watcherId, outcome.seqNum)).pipe(
        retryStoreFailure(context),
        ignoreElements(),
        endWith(outcome),
      );
    };
    const settled = (outcomes: Observable<Outcome<E>>): Observable<Outcome<E>> =>
      (deadLetters.size === 0 ? outcomes : outcomes.pipe(concatMap(withoutDeadLetter))).pipe(tap(settle));
    /** Records progress. Listeners are called later: one may end the run, which must not write checkpoints after that. */
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
        onProgress(seqNum: number) {
          page = { nextEventIterator: afterSequenceNumber(seqNum) };
          skipFiltered(seqNum);
          listener.pageRead(page.nextEventIterator, true);
          listener.progressed(tracker.ackFloor);
        },
      };
      return readPage(context, request).pipe(
        tap(({ events, ...next }) => {
          page = next;
          remaining = [...events].reverse();
          isEmpty = events.length === 0;
          listener.pageRead(next.nextEventIterator, isEmpty);
        }),
        ignoreElements(),
      );
    };
    const deliver = (event: E) => {
      takeEvent(event.seqNum, event.timestamp);
      const outcomes = dispatcher.deliver(event);
      if (outcomes instanceof Observable) return settled(outcomes);
      if (deadLetters.size > 0) return settled(from(outcomes));
      for (const outcome of outcomes) settle(outcome);
      return outcomes;
    };
    const deliverUndecodable = (error: Undecodable) => {
      const { seqNum } = error;
      const iterator = page.nextEventIterator;
      takeEvent(seqNum);
      page = { nextEventIterator: afterSequenceNumber(seqNum) };
      isEmpty = true;
      // Flush first. The key of an event that cannot be decoded is unknown, and an event in flight can have the same key.
      return settled(concat(dispatcher.flush(), handleUndecodable(context, iterator, error)));
    };
    const end = () => {
      if (isEnded) return undefined;
      isEnded = true;
      return concat(settled(dispatcher.flush()), progressWriter.flushed, assertOpen(store));
    };
    const step = (): Step<Outcome<E>> => {
      if (ending.isSet) return end();
      const event = remaining.pop();
      if (event !== undefined) return deliver(event);
      if (page.undecodable !== undefined) return deliverUndecodable(page.undecodable);
      const lastScanned = lastScannedSeqNum(page.nextEventIterator);
      if (lastScanned > lastSeqNum) {
        skipFiltered(lastScanned);
        listener.progressed(tracker.ackFloor);
        return [];
      }
      if (!pauseSwitch.isOpen) return pauseSwitch.resumed$.pipe(takeUntil(ending.set$));
      const isFlushDue = isEmpty && dispatcher.maxWait() === 0;
      return isFlushDue ? settled(dispatcher.flush()) : read();
    };
    const loop = pullLoop(() => step, scheduler);
    return using(
      () => store.internals.retainFrom(() => tracker.ackFloor),
      () =>
        dispatcher.concurrentOutcomes$ === EMPTY
          ? loop
          : mergeUntilComplete(settled(dispatcher.concurrentOutcomes$), loop),
    );
  });
