import { Observable, type SchedulerLike, Subject, takeUntil } from 'rxjs';
import { ownContext } from './call-context.ts';
import { timeSlicerOf } from './time-slicer.ts';

/** Unit of a pull loop: values to emit, an Observable to run to its end, or `undefined` to complete. */
export type Step<T> = readonly T[] | Observable<T> | undefined;

/**
 * Number of steps before the first check of the time slice. A short replay is therefore synchronous, even on a slow
 * machine.
 */
const FIRST_STEPS = 128;

/** Number of steps between later checks of the time slice. */
const STEPS = 32;

/**
 * Runs steps sequentially. The loop requests a step only when the previous one has ended, which gives backpressure.
 *
 * Unlike `repeat`, `expand` and `concatMap`, the loop neither queues values nor recurses if the source is synchronous. It
 * stops in the middle of a step when its subscriber unsubscribes, and regularly yields to the event loop. Asynchronous
 * steps emit in the asynchronous context of the subscriber.
 *
 * @param begin - Called at subscription. Returns the function that returns the next step. If either function throws, the
 *   loop errors.
 * @param scheduler - Provides the clock of the time slices and the pauses between them.
 * @example
 * // Counts down without a deep stack, a queue or a blocked event loop.
 * pullLoop(() => { let n = 1_000_000; return () => (n > 0 ? [n--] : undefined); }, asyncScheduler)
 */
export const pullLoop = <T>(begin: () => () => Step<T>, scheduler: SchedulerLike): Observable<T> =>
  new Observable((subscriber) => {
    const nextStep = begin();
    const slicer = timeSlicerOf(scheduler);
    slicer.start();
    let values: readonly T[] = [];
    let emitted = 0;
    let isRunning = false;
    let stepsLeft = FIRST_STEPS;
    const unsubscribed$ = new Subject<void>();
    let isTurn = true;
    const context = ownContext();
    const resume = () => {
      isTurn = true;
      context.runInAsyncScope(run);
    };
    subscriber.add(() => {
      unsubscribed$.next();
      slicer.cancel(resume);
    });

    const emit = (value: T) => subscriber.next(value);
    const fail = (error: unknown) => subscriber.error(error);
    /** Subscribes to a step. Returns whether it has already ended. */
    const runToEnd = (source: Observable<T>): boolean => {
      let isEnded = false;
      let hasReturned = false;
      // End the step by `takeUntil` and not by its subscription, which does not exist yet while a step emits synchronously.
      source.pipe(takeUntil(unsubscribed$)).subscribe({
        next: (value) => (hasReturned ? context.runInAsyncScope(emit, undefined, value) : emit(value)),
        error: (error) => (hasReturned ? context.runInAsyncScope(fail, undefined, error) : fail(error)),
        complete: () => {
          isEnded = true;
          if (hasReturned) context.runInAsyncScope(run);
        },
      });
      hasReturned = true;
      return isEnded;
    };

    /** Requests a step if all values are emitted, and emits one value. Returns whether the loop can continue. */
    const advance = (): boolean => {
      if (emitted === values.length) {
        const step = nextStep();
        if (step === undefined) {
          subscriber.complete();
          return false;
        }
        if (step instanceof Observable) return runToEnd(step);
        values = step;
        emitted = 0;
      }
      if (emitted < values.length) subscriber.next(values[emitted++] as T);
      return true;
    };

    /** Returns whether the loop can continue now. If not, it resumes at its next turn. */
    const hasTurn = (): boolean => {
      if (stepsLeft-- > 0) return true;
      stepsLeft = STEPS;
      if (!slicer.shouldYield()) return true;
      isTurn = false;
      slicer.resumeLater(resume);
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
