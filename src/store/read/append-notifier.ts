import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { createSharedTimers } from '../../scheduling/shared-timers.ts';

/** A moment in the life of a tail, to be taken before a read that may come to wait. */
export type AppendMark = number;

/** Where readers wait for the log to grow. */
export interface AppendNotifier {
  /** Marks this moment. */
  mark(): AppendMark;
  /**
   * Completes as soon as something was appended after the mark, or the tail is closed: at once, if that has
   * happened already, so that an append between a read and the wait is not slept through.
   */
  since(mark: AppendMark): Observable<never>;
  /** Emits after this many milliseconds; never, and without a timer, if that is `Infinity`. */
  timeout(milliseconds: number): Observable<void>;
  /** Wakes everybody. */
  wake(): void;
}

/**
 * The waiting room of one store.
 *
 * A plain `Subject` would do, if it were not quadratic when ten thousand observers leave at once.
 */
export function createAppendNotifier(scheduler: SchedulerLike): AppendNotifier {
  const deadlines = createSharedTimers(scheduler);
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
        return deadlines.after(milliseconds, () => subscriber.next());
      }),
    wake() {
      wakes++;
      const woken = waiting;
      waiting = new Set();
      for (const subscriber of woken) subscriber.complete();
    },
  };
}
