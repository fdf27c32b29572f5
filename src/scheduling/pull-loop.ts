import { Observable, type SchedulerLike, Subject, takeUntil } from 'rxjs';
import { ownContext } from './call-context.ts';
import { timeSlicerOf } from './time-slicer.ts';

/** Emit these values; run this Observable to its end; or, `undefined`, complete. */
export type Step<T> = readonly T[] | Observable<T> | undefined;

/** So many steps follow one another in any case: a short replay is done at once, however slow the machine just is. */
const FIRST_STEPS = 128;

/** So many steps, later on, before another loop gets a turn, or the event loop, if the slice of time is over. */
const STEPS = 32;

/**
 * Runs one step after another, each asked for only when the one before has ended: a loop with backpressure.
 *
 * It is what `repeat`, `expand` and `concatMap` are not when the source is synchronous: it neither queues values
 * nor recurses, stops in the middle of a step when its subscriber has gone, and lets the event loop breathe. Whatever a step
 * waits for, it emits in the asynchronous context of its subscriber.
 *
 * @param begin - Called at subscription; what it returns is asked for the next step. A throw becomes the error.
 * @param scheduler - Gives the time and the breaks.
 * @example
 * // Counts down without a stack, a queue or a blocked event loop.
 * pull(() => { let n = 1_000_000; return () => (n > 0 ? [n--] : undefined); }, asyncScheduler)
 */
export const pullLoop = <T>(begin: () => () => Step<T>, scheduler: SchedulerLike): Observable<T> =>
  new Observable((subscriber) => {
    const next = begin();
    const slices = timeSlicerOf(scheduler);
    slices.begin();
    let values: readonly T[] = [];
    let emitted = 0;
    let running = false;
    let left = FIRST_STEPS;
    const gone$ = new Subject<void>();
    let isTurn = true;
    const context = ownContext();
    const resume = () => {
      isTurn = true;
      context.runInAsyncScope(run);
    };
    subscriber.add(() => {
      gone$.next();
      slices.forget(resume);
    });

    const emit = (value: T) => subscriber.next(value);
    const fail = (error: unknown) => subscriber.error(error);
    /** Subscribes to a step; `true` if it has ended already. */
    const runToEnd = (source: Observable<T>): boolean => {
      let ended = false;
      let returned = false;
      // Not by its subscription, which is not there yet while a step emits at once.
      source.pipe(takeUntil(gone$)).subscribe({
        next: (value) => (returned ? context.runInAsyncScope(emit, undefined, value) : emit(value)),
        error: (error) => (returned ? context.runInAsyncScope(fail, undefined, error) : fail(error)),
        complete: () => {
          ended = true;
          if (returned) context.runInAsyncScope(run);
        },
      });
      returned = true;
      return ended;
    };

    /** Takes a step, if what the one before has given is emitted, and emits one value; `true` if more may follow. */
    const step = (): boolean => {
      if (emitted === values.length) {
        const following = next();
        if (following === undefined) {
          subscriber.complete();
          return false;
        }
        if (following instanceof Observable) return runToEnd(following);
        values = following;
        emitted = 0;
      }
      if (emitted < values.length) subscriber.next(values[emitted++] as T);
      return true;
    };

    /** Whether the next step may follow at once; if not, it will when this loop has its turn. */
    const mayGoOn = (): boolean => {
      if (left-- > 0) return true;
      left = STEPS;
      if (slices.mayGoOn()) return true;
      isTurn = false;
      slices.goOnLater(resume);
      return isTurn;
    };

    const run = () => {
      if (running) return;
      running = true;
      try {
        while (!subscriber.closed && mayGoOn() && step());
      } catch (error) {
        subscriber.error(error);
      } finally {
        running = false;
      }
    };
    run();
  });
