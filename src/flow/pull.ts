import { Observable, type SchedulerLike, Subject, Subscription, takeUntil } from 'rxjs';
import { currentTurn } from './current-turn.ts';

/** Emit these values; run this Observable to its end; or, `undefined`, complete. */
export type Step<T> = readonly T[] | Observable<T> | undefined;

/** How long, in milliseconds, steps may follow one another before the event loop gets a turn. */
const SLICE = 8;

/** So many steps follow one another in any case: a short replay is done at once, however slow the machine just is. */
const LEAST_STEPS = 128;

/**
 * Runs one step after another, each asked for only when the one before has ended: a loop with backpressure.
 *
 * It is what `repeat`, `expand` and `concatMap` are not when the source is synchronous: it neither queues values
 * nor recurses, stops in the middle of a step when its subscriber has gone, and lets the event loop breathe.
 *
 * @param begin - Called at subscription; what it returns is asked for the next step. A throw becomes the error.
 * @param scheduler - Gives the time and the breaks.
 * @example
 * // Counts down without a stack, a queue or a blocked event loop.
 * pull(() => { let n = 1_000_000; return () => (n > 0 ? [n--] : undefined); }, asyncScheduler)
 */
export const pull = <T>(begin: () => () => Step<T>, scheduler: SchedulerLike): Observable<T> =>
  new Observable((subscriber) => {
    const next = begin();
    let values: readonly T[] = [];
    let emitted = 0;
    let running = false;
    let steps = 0;
    let turn = currentTurn();
    let sliceEnd = scheduler.now() + SLICE;
    const gone$ = new Subject<void>();
    let waiting = Subscription.EMPTY;
    subscriber.add(() => {
      gone$.next();
      waiting.unsubscribe();
    });

    /** Subscribes to a step; `true` if it has ended already. */
    const runToEnd = (source: Observable<T>): boolean => {
      let ended = false;
      let returned = false;
      // Not by its subscription, which is not there yet while a step emits at once.
      source.pipe(takeUntil(gone$)).subscribe({
        next: (value) => subscriber.next(value),
        error: (error) => subscriber.error(error),
        complete: () => {
          ended = true;
          if (returned) run();
        },
      });
      returned = true;
      return ended;
    };

    /** Takes one step, or emits one value of it; `true` if another may follow at once. */
    const step = (): boolean => {
      if (emitted < values.length) {
        subscriber.next(values[emitted++] as T);
        return true;
      }
      const following = next();
      if (following === undefined) {
        subscriber.complete();
        return false;
      }
      if (following instanceof Observable) return runToEnd(following);
      values = following;
      emitted = 0;
      return true;
    };

    const newSlice = () => {
      steps = 0;
      turn = currentTurn();
      sliceEnd = scheduler.now() + SLICE;
    };

    /** A wait that has ended in another turn was a break too, one that has ended in a microtask was none. */
    const breatheIfDue = (): boolean => {
      if (steps++ < LEAST_STEPS || scheduler.now() < sliceEnd) return false;
      if (turn !== currentTurn()) {
        newSlice();
        return false;
      }
      let over = false;
      waiting = scheduler.schedule(() => {
        over = true;
        newSlice();
        run();
      });
      return !over;
    };

    const run = () => {
      if (running) return;
      running = true;
      try {
        while (!subscriber.closed && !breatheIfDue() && step());
      } catch (error) {
        subscriber.error(error);
      } finally {
        running = false;
      }
    };
    run();
  });
