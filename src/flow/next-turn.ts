import { asyncScheduler, type SchedulerLike, Subscription } from 'rxjs';
import { clearImmediate, setImmediate } from './real-timers.ts';

/**
 * Does something in the next turn of the event loop.
 *
 * On the default scheduler that is an immediate, since a timer of Node's takes a millisecond at the least: a replay that
 * takes a break after every eight would stand still for a tenth of its time.
 */
export function nextTurn(scheduler: SchedulerLike, work: () => void): Subscription {
  if (scheduler !== asyncScheduler) return scheduler.schedule(work);
  const immediate = setImmediate(work);
  return new Subscription(() => clearImmediate(immediate));
}
