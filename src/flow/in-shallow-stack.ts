import { Observable, type SchedulerLike } from 'rxjs';
import { nextTurn } from './next-turn.ts';

/** Number of subscriptions that may be made from inside one another before the next waits for another turn. */
const DEEPEST = 32;

let depth = 0;

/**
 * Subscribes at once, unless that happens deep inside other subscriptions of this kind: then in the next turn of the event loop.
 * A chain of reads that each emit at once, by `expand` for example, would overflow the stack.
 */
export const inShallowStack = <T>(source: Observable<T>, scheduler: SchedulerLike): Observable<T> =>
  new Observable((subscriber) => {
    const subscribe = () => {
      depth++;
      try {
        subscriber.add(source.subscribe(subscriber));
      } finally {
        depth--;
      }
    };
    if (depth < DEEPEST) subscribe();
    else subscriber.add(nextTurn(scheduler, subscribe));
  });
