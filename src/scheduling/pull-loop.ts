import { Observable, type SchedulerLike, type Subscriber, type Unsubscribable } from 'rxjs';
import { ownContext } from './call-context.ts';
import { isValues, type PendingStep, type Step, type Work } from './step.ts';
import { LoopTurns } from './time-slicer.ts';

/**
 * Runs steps sequentially. The loop requests a step only when the previous one has ended, which gives backpressure.
 *
 * Unlike `repeat`, `expand` and `concatMap`, the loop neither queues values nor recurses if the source is synchronous. It
 * stops in the middle of a step when its subscriber unsubscribes, and regularly yields to the event loop. Asynchronous
 * steps emit in the asynchronous context of the subscriber.
 *
 * @param begin - Called at subscription with the subscriber, to which concurrent work can emit. Returns the function that
 *   returns the next step. If either function throws, the loop errors.
 * @param scheduler - Provides the clock of the time slices and the pauses between them.
 * @example
 * // Counts down without a deep stack, a queue or a blocked event loop.
 * pullLoop(() => { let n = 1_000_000; return () => (n > 0 ? [n--] : undefined); }, asyncScheduler)
 */
export const pullLoop = <T>(
  begin: (subscriber: Subscriber<T>) => () => Step<T>,
  scheduler: SchedulerLike,
): Observable<T> =>
  new Observable((subscriber) => {
    const nextStep = begin(subscriber);
    const turns = new LoopTurns(scheduler);
    let values: readonly T[] = [];
    let emitted = 0;
    let pending: PendingStep<T> | undefined;
    /** Work that follows the pending step that has just ended. */
    let following: Work<T> | undefined;
    let isRunning = false;
    /** Whether the last step may have called a handler or a subscriber. An Observable without values is a read. */
    let isAfterHandler = false;
    /** Subscriber to the step that is an Observable. */
    let stepSubscriber: Unsubscribable | undefined;
    let isTurn = true;
    const context = ownContext();
    const resume = () => {
      isTurn = true;
      turns.restart();
      context.runInAsyncScope(run);
    };
    subscriber.add(() => {
      stepSubscriber?.unsubscribe();
      turns.cancel(resume);
      pending?.unsubscribe();
    });

    const emit = (value: T) => {
      isAfterHandler = true;
      subscriber.next(value);
    };
    const fail = (error: unknown) => subscriber.error(error);
    /** Subscribes to a step. Returns whether it has already ended. */
    const runToEnd = (source: Observable<T>): boolean => {
      let isEnded = false;
      let hasReturned = false;
      // Keep the subscriber and not the subscription, which does not exist yet while a step emits synchronously.
      const step = new Observable<T>((inner) => {
        stepSubscriber = inner;
        return source.subscribe(inner);
      });
      step.subscribe({
        next: (value) => (hasReturned ? context.runInAsyncScope(emit, undefined, value) : emit(value)),
        error: (error) => (hasReturned ? context.runInAsyncScope(fail, undefined, error) : fail(error)),
        complete: () => {
          isEnded = true;
          if (!hasReturned) return;
          turns.restart();
          context.runInAsyncScope(run);
        },
      });
      hasReturned = true;
      return isEnded;
    };

    const onPendingEnd = (next: Work<T>): void => {
      pending = undefined;
      following = next;
      if (isRunning) return;
      turns.restartAfterHandler();
      context.runInAsyncScope(run);
    };
    /** Waits for the end of a pending step. Returns whether it has already ended. */
    const awaitEnd = (step: PendingStep<T>): boolean => {
      // The function that returned the step may have unsubscribed.
      if (subscriber.closed) step.unsubscribe();
      else {
        pending = step;
        step.whenEnded(onPendingEnd);
      }
      return pending === undefined;
    };

    /** Requests a step if all values are emitted, and emits one value. Returns whether the loop can continue. */
    const advance = (): boolean => {
      if (emitted === values.length) {
        const step = following ?? nextStep();
        following = undefined;
        if (step === undefined) {
          subscriber.complete();
          return false;
        }
        isAfterHandler = !(step instanceof Observable);
        if (step instanceof Observable) return runToEnd(step);
        if (!isValues(step)) return awaitEnd(step);
        values = step;
        emitted = 0;
      }
      if (emitted < values.length) subscriber.next(values[emitted++] as T);
      return true;
    };

    /** Returns whether the loop can continue now. If not, it resumes at its next turn. */
    const hasTurn = (): boolean => {
      if (!turns.shouldYield(isAfterHandler)) return true;
      isTurn = false;
      turns.resumeLater(resume);
      // A synchronous scheduler has already called `resume`.
      return isTurn;
    };

    const run = () => {
      if (isRunning) return;
      isRunning = true;
      try {
        while (!subscriber.closed && hasTurn() && advance());
      } catch (error) {
        subscriber.error(error);
      } finally {
        isRunning = false;
      }
    };
    run();
  });
