import { asyncScheduler, interval, Observable, type SchedulerLike } from 'rxjs';

/**
 * Emits at each interval, in milliseconds, without keeping the process alive on the default scheduler: what is done in
 * the background is no reason to go on living.
 */
export const backgroundInterval = (milliseconds: number, scheduler: SchedulerLike): Observable<unknown> =>
  scheduler === asyncScheduler
    ? new Observable<void>((subscriber) => {
        const timer = setInterval(() => subscriber.next(), milliseconds).unref();
        return () => clearInterval(timer);
      })
    : interval(milliseconds, scheduler);
