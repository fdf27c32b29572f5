import { type SchedulerLike, Subscription } from 'rxjs';
import { isRealTime } from './clock-of.ts';
import { clearImmediate, setImmediate } from './real-timers.ts';

/**
 * Does something in the next turn of the event loop.
 *
 * In real time that is an immediate, since a timer of Node's takes a millisecond at the least: a replay that
 * takes a break after every eight would stand still for a tenth of its time.
 */
export function nextTurn(scheduler: SchedulerLike, work: () => void): Subscription {
  if (!isRealTime(scheduler)) return scheduler.schedule(work);
  const immediate = setImmediate(work);
  return new Subscription(() => clearImmediate(immediate));
}
