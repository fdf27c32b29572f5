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
import { readEvents, type Undecodable, type WatchedPage } from './page-reader.ts';
import { ProgressTracker } from './progress-tracker.ts';
import { isFinal, type RunContext, retryStoreFailure } from './run-context.ts';
import { storeDeadLetter } from './store-dead-letter.ts';
import { handleUndecodable } from './undecodable-event.ts';

/** Completes; fails, if the store is closed: it takes no checkpoint any more, so that there is nothing to wait for. */
const assertOpen = <E extends Event>({ closed$ = NEVER }: EventStore<E>): Observable<never> =>
  merge(closed$.pipe(switchMap(() => throwError(() => new StoreClosedError()))), of('open')).pipe(
    take(1),
    ignoreElements(),
  );

const reached = (iterator: EventIterator): number =>
  iterator.type === 'after_sequence_number' ? iterator.sequenceNumber : 0;

/** The same run, which has the store keep what it gives up, if that is its strategy. */
const keeping = <E extends Event>(context: RunContext<E>, prefix: ProgressTracker): RunContext<E> =>
  context.options.retryStrategy === 'deadLetter'
    ? { ...context, giveUp: (skipped, began) => storeDeadLetter(context, prefix, skipped, began) }
    : context;

const deliveryOf = <E extends Event>(context: RunContext<E>, prefix: ProgressTracker): Dispatcher<E> => {
  const { handler, options } = context;
  if (handler.kind === 'batch') return batched(context, handler.handle);
  return options.concurrency > 1
    ? keyed(context, handler.handle, prefix)
    : sequential(context, handler.handle);
};

/**
 * The page loop of a watcher: each event is handled *inside* it, so that no more is read than `bufferSize` ahead of what
 * was handled. It ends behind the attempts in flight once the run is to stop.
 */
export const pageLoop = <E extends Event>(
  run: RunContext<E>,
  position: number,
  letters: Set<number>,
): Observable<Outcome<E>> =>
  defer(() => {
    const prefix = new ProgressTracker(position);
    const context = keeping(run, prefix);
    const { store, watcherId, options, scheduler, ending, pauseSwitch, listener, progress } = context;
    const delivery = deliveryOf(context, prefix);
    listener.following(prefix);
    let page: Omit<WatchedPage<E>, 'events'> = {
      nextEventIterator: afterSequenceNumber(position),
    };
    /** The events of the page that were not taken yet, in reverse order: each is let go of when it is taken. */
    let left: E[] = [];
    let isEmpty = true;
    let isOver = false;
    /** The last event that was taken or left out. */
    let seen = position;

    const settle = (outcome: Outcome<E>): void => {
      prefix.settle(outcome.seqNum);
      const { ackFloor } = prefix;
      progress.written(ackFloor);
      listener.passed(ackFloor, outcome);
    };
    /** Deletes the dead letter of an event that is handled after all. */
    const withoutLetter = (outcome: Outcome<E>): Observable<Outcome<E>> => {
      if (outcome.status === 'skipped' || !letters.delete(outcome.seqNum)) return of(outcome);
      return defer(() => store.deleteDeadLetter(watcherId, outcome.seqNum)).pipe(
        retryStoreFailure(context, (error) => {
          listener.failed(error);
          return isFinal(error);
        }),
        ignoreElements(),
        endWith(outcome),
      );
    };
    const settled = (outcomes: Observable<Outcome<E>>): Observable<Outcome<E>> =>
      (letters.size === 0 ? outcomes : outcomes.pipe(concatMap(withoutLetter))).pipe(tap(settle));
    /** Nobody is told yet: who is may end the run, which is to remember nothing any more then. */
    const skipFiltered = (seqNum: number): void => {
      seen = seqNum;
      prefix.skipFiltered(seqNum);
      progress.skipped(prefix.ackFloor);
    };
    const take = (seqNum: number, timestamp?: Date) => {
      seen = seqNum;
      prefix.take(seqNum, timestamp);
    };
    const read = () => {
      const request = {
        from: () => page.nextEventIterator,
        room: options.bufferSize - prefix.size,
        patience: delivery.maxWait(),
        onProgress(seqNum: number) {
          page = { nextEventIterator: afterSequenceNumber(seqNum) };
          skipFiltered(seqNum);
          listener.read(page.nextEventIterator, true);
          listener.passed(prefix.ackFloor);
        },
      };
      return readEvents(context, request).pipe(
        tap(({ events, ...next }) => {
          page = next;
          left = [...events].reverse();
          isEmpty = events.length === 0;
          listener.read(next.nextEventIterator, isEmpty);
        }),
        ignoreElements(),
      );
    };
    const deliver = (event: E) => {
      take(event.seqNum, event.timestamp);
      const outcomes = delivery.deliver(event);
      if (outcomes instanceof Observable) return settled(outcomes);
      if (letters.size > 0) return settled(from(outcomes));
      for (const outcome of outcomes) settle(outcome);
      return outcomes;
    };
    /** Whatever is under way may be of the same key as an event that nobody can read: it comes first. */
    const deliverUndecodable = (error: Undecodable) => {
      const { seqNum } = error;
      const iterator = page.nextEventIterator;
      take(seqNum);
      page = { nextEventIterator: afterSequenceNumber(seqNum) };
      isEmpty = true;
      return settled(concat(delivery.flush(), handleUndecodable(context, iterator, error)));
    };
    const end = () => {
      if (isOver) return undefined;
      isOver = true;
      return concat(settled(delivery.flush()), progress.flushed, assertOpen(store));
    };
    const step = (): Step<Outcome<E>> => {
      if (ending.isSet) return end();
      const event = left.pop();
      if (event !== undefined) return deliver(event);
      if (page.undecodable !== undefined) return deliverUndecodable(page.undecodable);
      const leftOut = reached(page.nextEventIterator);
      if (leftOut > seen) {
        skipFiltered(leftOut);
        listener.passed(prefix.ackFloor);
        return [];
      }
      if (!pauseSwitch.isOpen) return pauseSwitch.resumed$.pipe(takeUntil(ending.set$));
      const isFlushDue = isEmpty && delivery.maxWait() === 0;
      return isFlushDue ? settled(delivery.flush()) : read();
    };
    const loop = pullLoop(() => step, scheduler);
    return using(
      () => store.internals.retainFrom(() => prefix.ackFloor),
      () =>
        delivery.concurrentOutcomes$ === EMPTY
          ? loop
          : mergeUntilComplete(settled(delivery.concurrentOutcomes$), loop),
    );
  });
