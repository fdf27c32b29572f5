import { interval, Observable, type SchedulerLike, take } from 'rxjs';
import { isRealTime } from './clock.ts';

/** Emits once, after so many milliseconds, without keeping the process alive on the default scheduler. */
export const unrefTimer = (milliseconds: number, scheduler: SchedulerLike): Observable<unknown> =>
  unrefInterval(Math.max(0, milliseconds), scheduler).pipe(take(1));

/**
 * Emits at each interval, in milliseconds, without keeping the process alive in real time: what is done in
 * the background is no reason to go on living.
 */
export const unrefInterval = (milliseconds: number, scheduler: SchedulerLike): Observable<unknown> =>
  isRealTime(scheduler)
    ? new Observable<void>((subscriber) => {
        const timer = setInterval(() => subscriber.next(), milliseconds).unref();
        return () => clearInterval(timer);
      })
    : interval(milliseconds, scheduler);
