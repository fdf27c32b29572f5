import { asapScheduler, asyncScheduler, queueScheduler, type SchedulerLike } from 'rxjs';
import { StoreError } from '../errors.ts';
import { show } from '../validation/format-value.ts';

/**
 * Timers for what must go on while a test fakes those of the global object: turns of the event loop, and what a disk or a
 * server does. They are taken at import. What an option lets the user time goes through the scheduler instead.
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

/** Milliseconds on a clock that never goes back. */
export const realNow: () => number = performance.now.bind(performance);

/** Milliseconds since 1970 by the wall clock, which may be set at any time. */
const realWallNow: () => number = Date.now.bind(Date);

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

/** The latest time that a `Date` holds, in milliseconds since 1970. */
const LONGEST_TIME = 8.64e15;

/**
 * Returns the time of a scheduler, in milliseconds since 1970.
 *
 * @throws {@link StoreError} if it is not a number that a `Date` holds: stored once, such a time would be that of all later events, too.
 */
export function timeOf(scheduler: SchedulerLike): number {
  const now = scheduler.now();
  if (Number.isFinite(now) && Math.abs(now) <= LONGEST_TIME) return now;
  throw new StoreError(
    `the clock of the scheduler must return milliseconds since 1970 that a Date holds; received ${show(now)}`,
  );
}
