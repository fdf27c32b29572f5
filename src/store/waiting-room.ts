import { type SchedulerLike, type Subscriber, Subscription, switchMap, timer } from 'rxjs';
import { inSlices } from '../flow/in-slices.ts';

/** How many times as long as some are told of progress appends and handlers have the event loop before the next are. */
const REST = 12;

/** Somebody who waits. */
export interface Waiter {
  /** Is told how far he has passed, and completes when he is to look for himself. */
  readonly subscriber: Subscriber<number>;
  /** Has him wait no longer; nobody else finds him then. */
  readonly leave: () => void;
}

/** Those who may be told as late as one another of what does not concern them. */
export interface WaitingRoom {
  /** They, in the order in which they came. */
  readonly waiting: ReadonlySet<Waiter>;
  /** Somebody comes. */
  enter(waiter: Waiter): void;
  /** Somebody goes. */
  leave(waiter: Waiter): void;
  /** Tells everybody. */
  tellAtOnce(): void;
  /** Tells everybody once they have had their leisure, unless that is under way. */
  tellLater(): void;
}

/**
 * Opens a waiting room.
 *
 * @param leisure - How much later they may be told, in milliseconds.
 * @param through - Up to where there is nothing for any of them.
 */
export function createWaitingRoom(
  leisure: number,
  through: () => number,
  scheduler: SchedulerLike,
): WaitingRoom {
  const waiting = new Set<Waiter>();
  let telling: Subscription | undefined;

  const stopTelling = (): void => {
    telling?.unsubscribe();
    telling = undefined;
  };
  /** Who has left meanwhile is to look for himself at what may concern him. */
  const tell = (waiter: Waiter): void => {
    if (waiting.has(waiter)) waiter.subscriber.next(through());
  };
  const tellLater = (): void => {
    if (telling !== undefined) return;
    let told = through();
    const tellAll = () => {
      told = through();
      return inSlices([...waiting], tell, scheduler, REST);
    };
    const complete = () => {
      telling = undefined;
      if (through() > told) tellLater();
    };
    telling = new Subscription();
    telling.add(timer(leisure, scheduler).pipe(switchMap(tellAll)).subscribe({ complete }));
  };
  return {
    waiting,
    enter: (waiter) => void waiting.add(waiter),
    leave(waiter) {
      waiting.delete(waiter);
      if (waiting.size === 0) stopTelling();
    },
    tellAtOnce() {
      stopTelling();
      for (const waiter of [...waiting]) tell(waiter);
    },
    tellLater,
  };
}
