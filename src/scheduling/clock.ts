import { asapScheduler, asyncScheduler, queueScheduler, type SchedulerLike } from 'rxjs';
import { StoreError } from '../errors.ts';
import { show } from '../validation/format-value.ts';

/**
 * Real timers, captured at import, so that they still work while a test replaces the global timers by fakes. Use these
 * timers to wait for a turn of the event loop, a disk or a server. For a delay that an option sets, use the scheduler
 * instead.
 */
export const {
  clearImmediate,
  clearInterval,
  clearTimeout,
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
} = globalThis;

/** Returns the time of a monotonic clock, in milliseconds. Fake timers of a test do not affect this clock. */
export const realNow: () => number = performance.now.bind(performance);

/** Returns the time of the wall clock, in milliseconds since 1970. The user can set the wall clock at any time. */
const realWallNow: () => number = Date.now.bind(Date);

/** Schedulers of RxJS that use the wall clock. */
const REAL: ReadonlySet<SchedulerLike> = new Set([asyncScheduler, asapScheduler, queueScheduler]);

/** Returns whether a scheduler uses the wall clock. A scheduler of virtual time does not. */
export const isRealTime = (scheduler: SchedulerLike): boolean => REAL.has(scheduler);

/**
 * Returns a monotonic clock for durations, in milliseconds. The wall clock is not monotonic, because the user can set it at
 * any time. For a scheduler of virtual time, returns the clock of the scheduler.
 */
export const clockOf = (scheduler: SchedulerLike): (() => number) =>
  isRealTime(scheduler) ? () => performance.now() : () => scheduler.now();

/** Returns a clock like `clockOf` for time slices of the event loop. Fake timers of a test do not stop this clock. */
export const sliceClockOf = (scheduler: SchedulerLike): (() => number) =>
  isRealTime(scheduler) ? realNow : () => scheduler.now();

/**
 * Starts a stopwatch.
 *
 * @returns Function that returns the elapsed time, in milliseconds: by the monotonic clock or by the wall clock, whichever
 *   is longer. The monotonic clock stops while the machine sleeps.
 */
export const stopwatch = (scheduler: SchedulerLike): (() => number) =>
  startStopwatch(clockOf(scheduler), () => scheduler.now());

/** Starts a stopwatch that fake timers of a test do not change. */
export const realStopwatch = (): (() => number) => startStopwatch(realNow, realWallNow);

function startStopwatch(clock: () => number, wallClock: () => number): () => number {
  const start = clock();
  const wallStart = wallClock();
  return () => Math.max(0, clock() - start, wallClock() - wallStart);
}

/** Maximum time of a `Date`, in milliseconds since 1970. */
const MAX_TIME = 8.64e15;

/**
 * Returns the time of a scheduler, in milliseconds since 1970.
 *
 * @throws {@link StoreError} if the time is outside the range of `Date`. If an event were stored with such a time, all later
 *   events would have this time, too, because timestamps never decrease.
 */
export function timeOf(scheduler: SchedulerLike): number {
  const now = scheduler.now();
  if (Number.isFinite(now) && Math.abs(now) <= MAX_TIME) return now;
  throw new StoreError(
    `the clock of the scheduler must return milliseconds since 1970, within the range of a Date; received ${show(now)}`,
  );
}
