import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { clearImmediate, isRealTime, queueMicrotask, setImmediate } from './clock.ts';

/**
 * Calls a function in the next turn of the event loop.
 *
 * In real time, this function uses `setImmediate`, because a timer takes at least one millisecond. With timers, a replay
 * that yields every 8 ms would lose a tenth of its time.
 */
export function nextTurn(scheduler: SchedulerLike, work: () => void): Subscription {
  if (!isRealTime(scheduler)) return scheduler.schedule(work);
  const immediate = setImmediate(work);
  return new Subscription(() => clearImmediate(immediate));
}

let turn = 0;
let isEndScheduled = false;

/** Returns the number of the current turn of the event loop. The number does not change during a chain of microtasks. */
export function currentTurn(): number {
  if (!isEndScheduled) {
    isEndScheduled = true;
    setImmediate(() => {
      isEndScheduled = false;
      turn++;
    });
  }
  return turn;
}

/**
 * Calls `work` once, after the current call has returned: in a microtask, or earlier if a scheduler of virtual time runs its
 * tasks before that microtask.
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
  // A synchronous scheduler, for example `queueScheduler`, calls this function before the current call has returned. In that
  // case, only the microtask calls `work`.
  const ifReturned = () => {
    if (isScheduled) now();
  };
  const scheduled = scheduler === asyncScheduler ? undefined : scheduler.schedule(ifReturned);
  isScheduled = true;
  queueMicrotask(now);
}

/** Maximum number of nested subscriptions. The next subscription waits for another turn of the event loop. */
const MAX_DEPTH = 32;

let depth = 0;

/**
 * Subscribes immediately, or in the next turn of the event loop if too many of these subscriptions are nested. A chain of
 * synchronous reads, for example by `expand`, would otherwise overflow the stack.
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
    if (depth < MAX_DEPTH) subscribe();
    else subscriber.add(nextTurn(scheduler, subscribe));
  });
