import { type Observable, type SchedulerLike, take } from 'rxjs';
import { backgroundInterval } from './background-interval.ts';

/** Emits once, after so many milliseconds, without keeping the process alive on the default scheduler. */
export const backgroundTimer = (milliseconds: number, scheduler: SchedulerLike): Observable<unknown> =>
  backgroundInterval(Math.max(0, milliseconds), scheduler).pipe(take(1));
