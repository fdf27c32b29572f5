import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { queueMicrotask } from './real-timers.ts';

/**
 * Calls `work` once, after the call in progress has returned: in a microtask, or, if a scheduler of virtual time is flushed
 * before, by that.
 */
export function afterThisCall(scheduler: SchedulerLike, work: () => void): void {
  let isDue = true;
  let isScheduled = false;
  const now = () => {
    scheduled?.unsubscribe();
    if (isDue) {
      isDue = false;
      work();
    }
  };
  // A scheduler that runs its work at once, `queueScheduler` for example, does so from inside the call: too early.
  const ifReturned = () => {
    if (isScheduled) now();
  };
  const scheduled = scheduler === asyncScheduler ? undefined : scheduler.schedule(ifReturned);
  isScheduled = true;
  queueMicrotask(now);
}
