import { interval, Observable, type SchedulerLike, take } from 'rxjs';
import { isRealTime } from './clock.ts';

/** Emits once after a delay in milliseconds. In real time, the timer does not keep the process alive. */
export const unrefTimer = (milliseconds: number, scheduler: SchedulerLike): Observable<unknown> =>
  unrefInterval(Math.max(0, milliseconds), scheduler).pipe(take(1));

/** Emits at an interval in milliseconds. In real time, the timer does not keep the process alive. */
export const unrefInterval = (milliseconds: number, scheduler: SchedulerLike): Observable<unknown> =>
  isRealTime(scheduler)
    ? new Observable<void>((subscriber) => {
        const timer = setInterval(() => subscriber.next(), milliseconds).unref();
        return () => clearInterval(timer);
      })
    : interval(milliseconds, scheduler);
