import { Observable, type SchedulerLike, Subscription } from 'rxjs';
import { sliceClockOf } from './clock.ts';
import { nextTurn } from './event-loop-turn.ts';

/** Maximum duration of a slice, in milliseconds. */
const SLICE = 8;

/**
 * Calls a function for each item in time slices, and completes after the last item. The first slice runs at subscription.
 *
 * @param rest - Length of the pause after a slice, as a multiple of the slice's duration. With 0, the pause is one turn of the
 *   event loop.
 * @example
 * forEachSliced(subscribers, (subscriber) => subscriber.complete(), asyncScheduler).subscribe();
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
      const start = clock();
      while (next < items.length && !subscriber.closed && clock() < start + SLICE) {
        work(items[next++] as T);
      }
      if (next === items.length) subscriber.complete();
      else if (!subscriber.closed) {
        timer = rest === 0 ? nextTurn(scheduler, slice) : scheduler.schedule(slice, rest * (clock() - start));
      }
    };
    slice();
  });
