import type { SchedulerLike } from 'rxjs';
import { StoreError } from '../errors.ts';

/**
 * Returns the time of a scheduler, in milliseconds since 1970.
 *
 * @throws {@link StoreError} if it is not a finite number: stored once, such a time would be that of all later events, too.
 */
export function timeOf(scheduler: SchedulerLike): number {
  const now = scheduler.now();
  if (Number.isFinite(now)) return now;
  throw new StoreError(`the clock of the scheduler must return a finite number; received ${typeof now}`);
}
