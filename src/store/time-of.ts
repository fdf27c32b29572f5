import type { SchedulerLike } from 'rxjs';
import { StoreError } from '../errors.ts';
import { show } from '../validation/show.ts';

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
