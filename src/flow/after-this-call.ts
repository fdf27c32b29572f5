import { asyncScheduler, type SchedulerLike } from 'rxjs';

/**
 * Calls `work` once, after the call in progress has returned: in a microtask, or, if a scheduler of virtual time is flushed
 * before, by that.
 */
export function afterThisCall(scheduler: SchedulerLike, work: () => void): void {
  const now = () => {
    scheduled?.unsubscribe();
    if (isDue) {
      isDue = false;
      work();
    }
  };
  let isDue = true;
  const scheduled = scheduler === asyncScheduler ? undefined : scheduler.schedule(now);
  queueMicrotask(now);
}
