import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { clearImmediate, isRealTime, queueMicrotask, setImmediate } from './clock.ts';

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

let turn = 0;
let marked = false;

/** Tells one turn of the event loop from another: the number stays the same through any chain of microtasks. */
export function currentTurn(): number {
  if (!marked) {
    marked = true;
    setImmediate(() => {
      marked = false;
      turn++;
    });
  }
  return turn;
}

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
