import { Observable, type SchedulerLike, type Subscriber, Subscription, switchMap, timer } from 'rxjs';
import type { EventLog, LogPage } from '../../engine/contract/event-log.ts';
import type { StoredRecord } from '../../engine/contract/record.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import { forEachSliced } from '../../scheduling/for-each-sliced.ts';
import { createFilterIndex, type Kind } from './filter-index.ts';

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
  notifyNow(): void;
  /** Tells everybody once they have had their leisure, unless that is under way. */
  notifyLater(): void;
}

/**
 * Opens a waiting room.
 *
 * @param leisure - How much later they may be told, in milliseconds.
 * @param through - Up to where there is nothing for any of them.
 */
function createWaitingRoom(leisure: number, through: () => number, scheduler: SchedulerLike): WaitingRoom {
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
  const notifyLater = (): void => {
    if (telling !== undefined) return;
    let told = through();
    const tellAll = () => {
      told = through();
      return forEachSliced([...waiting], tell, scheduler, REST);
    };
    const complete = () => {
      telling = undefined;
      if (through() > told) notifyLater();
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
    notifyNow() {
      stopTelling();
      for (const waiter of [...waiting]) tell(waiter);
    },
    notifyLater,
  };
}

/** More news than this, in events, concern everybody. */
const MOST_NEWS = 10_000;

/** So few are told at once even of what does not concern them: progress is only late where it would cost too much. */
const FEW = 16;

/** Where readers wait who need not be told at once of events that their filter leaves out. */
export interface FilteredAppendNotifier {
  /**
   * Completes as soon as something was appended that the filter lets through, or more than is looked through. Emits before
   * up to where there is nothing for the filter: at once, or, where many wait, `leisure` milliseconds later, and later still
   * where they are so many that to tell them would leave others no time.
   *
   * @param seen - The last event that there was when the reader looked, and all up to which he has passed.
   */
  since(seen: number, filter: EventFilter, leisure: number): Observable<number>;
  /**
   * Wakes the readers whose filter matches an appended record.
   *
   * @param appended - Records of the append, in order. If empty, they are read.
   */
  wake(appended: readonly StoredRecord[]): void;
  /** Wakes everybody. */
  wakeAll(): void;
}

/**
 * The waiting room of readers with filters: ten thousand of them cost an append no more than one look at what was
 * appended, by the heads of the records alone, and a search for those whom they concern.
 */
export function createFilteredAppendNotifier(
  log: Pick<EventLog, 'read'>,
  scheduler: SchedulerLike,
): FilteredAppendNotifier {
  const interests = createFilterIndex<Waiter>();
  const rooms = new Map<number, WaitingRoom>();
  /** Up to here all who wait have passed, or there is nothing for them. */
  let through = 0;

  const everybody = (): Waiter[] => [...rooms.values()].flatMap(({ waiting }) => [...waiting]);
  const isFew = (): boolean => {
    let waiting = 0;
    for (const room of rooms.values()) waiting += room.waiting.size;
    return waiting <= FEW;
  };
  /** Each looks for himself, behind what all of them have passed. */
  const wakeThese = (waiters: Iterable<Waiter>, passed: number): void => {
    const woken = [...waiters];
    for (const { leave } of woken) leave();
    const wakeOne = ({ subscriber }: Waiter) => {
      subscriber.next(passed);
      subscriber.complete();
    };
    forEachSliced(woken, wakeOne, scheduler).subscribe();
  };
  const wakeAll = (): void => wakeThese(everybody(), through);

  /** Heeds records behind those that all have passed, up to a number. */
  const look = (kinds: readonly Kind[], upTo: number): void => {
    if (upTo <= through) return;
    const distinct = new Map(kinds.map((kind) => [`${kind.operation} ${kind.objectType}`, kind]));
    const passed = through;
    through = upTo;
    wakeThese(new Set([...distinct.values()].flatMap(interests.in)), passed);
    const few = isFew();
    for (const room of [...rooms.values()]) {
      if (few) room.notifyNow();
      else room.notifyLater();
    }
  };
  const lookAt = (from: number, page: LogPage): void => {
    // More than anybody looks through, or gone before anybody did: each finds out for himself.
    if (page.lastScannedSeqNum < page.latest || page.oldest > from + 1) wakeAll();
    else look(page.records, page.lastScannedSeqNum);
  };

  /** What is returned leaves again. */
  const enter = (subscriber: Subscriber<number>, filter: EventFilter, leisure: number): (() => void) => {
    const room = rooms.get(leisure) ?? createWaitingRoom(leisure, () => through, scheduler);
    rooms.set(leisure, room);
    const leave = () => {
      forget();
      room.leave(waiter);
      if (room.waiting.size === 0 && rooms.get(leisure) === room) rooms.delete(leisure);
    };
    const waiter = { subscriber, leave };
    const forget = interests.add(filter, waiter);
    room.enter(waiter);
    return leave;
  };
  return {
    since: (seen, filter, leisure) =>
      new Observable((subscriber) => {
        if (rooms.size === 0) through = Math.max(through, seen);
        if (seen >= through) subscriber.add(enter(subscriber, filter, leisure));
        // What the others have passed was not there yet when he looked.
        else subscriber.complete();
      }),
    wake(appended) {
      if (rooms.size === 0) return;
      const from = through;
      const [first, last] = [appended[0], appended.at(-1)];
      if (first !== undefined && last !== undefined && first.seqNum <= from + 1) {
        look(appended, last.seqNum);
        return;
      }
      const news = { after: from, filter: undefined, maxScanned: MOST_NEWS, limit: MOST_NEWS };
      // What cannot be read is everybody's business: each finds out for itself.
      log
        .read({ maxBytes: Number.POSITIVE_INFINITY, ...news })
        .subscribe({ next: (page) => lookAt(from, page), error: wakeAll });
    },
    wakeAll,
  };
}
