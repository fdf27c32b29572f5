import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { createSharedTimers } from '../../scheduling/shared-timers.ts';

/** Number of calls of `wake` so far. A reader stores this number before a read, to detect an append during the read. */
export type AppendMark = number;

/** Part of a store that wakes waiting readers after an append. */
export interface AppendNotifier {
  /** Returns the current number of calls of `wake`. */
  mark(): AppendMark;
  /**
   * Completes after the first append that follows the mark, or when the store closes. Completes immediately if the append
   * has already taken place, or if the store is closed.
   */
  since(mark: AppendMark): Observable<never>;
  /** Emits after a number of milliseconds. With `Infinity`, sets no timer and never emits. */
  timeout(milliseconds: number): Observable<void>;
  /** Wakes all readers. Called after each append, and when the store closes. */
  wake(): void;
}

/**
 * Creates an append notifier without readers.
 *
 * The notifier does not use a `Subject`, which would take quadratic time if ten thousand observers unsubscribe at the same
 * time.
 */
export function createAppendNotifier(scheduler: SchedulerLike): AppendNotifier {
  const timers = createSharedTimers(scheduler);
  let waiting = new Set<Subscriber<never>>();
  let wakes = 0;
  return {
    mark: () => wakes,
    since: (mark) =>
      new Observable((subscriber) => {
        if (mark !== wakes) {
          subscriber.complete();
          return;
        }
        waiting.add(subscriber);
        return () => waiting.delete(subscriber);
      }),
    timeout: (milliseconds) =>
      new Observable((subscriber) => {
        if (milliseconds === Number.POSITIVE_INFINITY) return;
        return timers.after(milliseconds, () => subscriber.next());
      }),
    wake() {
      wakes++;
      const woken = waiting;
      waiting = new Set();
      for (const subscriber of woken) subscriber.complete();
    },
  };
}
