import { asyncScheduler, type SchedulerLike } from 'rxjs';

/**
 * Returns a clock, in milliseconds, that never goes back: for durations. The wall clock may be set at any time. A scheduler
 * other than the default one, of virtual time for example, is its own clock.
 */
export const clockOf = (scheduler: SchedulerLike): (() => number) =>
  scheduler === asyncScheduler ? () => performance.now() : () => scheduler.now();

/**
 * Starts a stopwatch.
 *
 * @returns The time since then, in milliseconds, never less than has passed: that of the wall clock if it is more, since the
 *   other one stands still while the machine sleeps.
 */
export function stopwatch(scheduler: SchedulerLike): () => number {
  const clock = clockOf(scheduler);
  const begun = clock();
  const begunAt = scheduler.now();
  return () => Math.max(0, clock() - begun, scheduler.now() - begunAt);
}
