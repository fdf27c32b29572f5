import { asapScheduler, asyncScheduler, queueScheduler, type SchedulerLike } from 'rxjs';
import { realNow, realWallNow } from './real-timers.ts';

/** RxJS's schedulers whose clock is the wall clock. */
const REAL: ReadonlySet<SchedulerLike> = new Set([asyncScheduler, asapScheduler, queueScheduler]);

/** Returns whether a scheduler's clock is the wall clock; that of virtual time is not. */
export const isRealTime = (scheduler: SchedulerLike): boolean => REAL.has(scheduler);

/**
 * Returns a clock, in milliseconds, that never goes back: for durations. The wall clock may be set at any time. A scheduler of
 * virtual time is its own clock.
 */
export const clockOf = (scheduler: SchedulerLike): (() => number) =>
  isRealTime(scheduler) ? () => performance.now() : () => scheduler.now();

/** Returns a clock for slices of the event loop: the same, but that fake timers of a test do not stop it. */
export const sliceClockOf = (scheduler: SchedulerLike): (() => number) =>
  isRealTime(scheduler) ? realNow : () => scheduler.now();

/**
 * Starts a stopwatch.
 *
 * @returns The time since then, in milliseconds, never less than has passed: that of the wall clock if it is more, since the
 *   other one stands still while the machine sleeps.
 */
export const stopwatch = (scheduler: SchedulerLike): (() => number) =>
  startStopwatch(clockOf(scheduler), () => scheduler.now());

/** Starts a stopwatch that fake timers of a test do not move. */
export const realStopwatch = (): (() => number) => startStopwatch(realNow, realWallNow);

function startStopwatch(clock: () => number, wallClock: () => number): () => number {
  const begun = clock();
  const begunAt = wallClock();
  return () => Math.max(0, clock() - begun, wallClock() - begunAt);
}
