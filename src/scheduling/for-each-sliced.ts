import { Observable, type SchedulerLike, Subscription } from 'rxjs';
import { sliceClockOf } from './clock.ts';
import { nextTurn } from './event-loop-turn.ts';

/** How long, in milliseconds, it goes on before the event loop gets a turn. */
const SLICE = 8;

/**
 * Does something for each, in slices of time, the first of them at once; completes when it is done for all.
 *
 * @param rest - How many times as long as a slice has taken the event loop is left to others behind it. Default 0: it has
 *   one turn.
 * @example
 * inSlices(subscribers, (subscriber) => subscriber.complete(), asyncScheduler).subscribe();
 */
export const forEachSliced = <T>(
  items: readonly T[],
  work: (item: T) => void,
  scheduler: SchedulerLike,
  rest = 0,
): Observable<never> =>
  new Observable((subscriber) => {
    const clock = sliceClockOf(scheduler);
    let next = 0;
    let timer = Subscription.EMPTY;
    subscriber.add(() => timer.unsubscribe());
    const slice = () => {
      const begun = clock();
      while (next < items.length && !subscriber.closed && clock() < begun + SLICE) {
        work(items[next++] as T);
      }
      if (next === items.length) subscriber.complete();
      else if (!subscriber.closed) {
        timer = rest === 0 ? nextTurn(scheduler, slice) : scheduler.schedule(slice, rest * (clock() - begun));
      }
    };
    slice();
  });
