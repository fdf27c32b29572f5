import { Observable, type SchedulerLike, type Subscriber, Subscription, switchMap, timer } from 'rxjs';
import type { EventFilter } from '../event/event-filter.ts';
import { inSlices } from '../flow/in-slices.ts';
import type { EventLog, LogPage } from './event-log.ts';
import { createInterests, type Kind } from './interests.ts';

/** More news than this, in events, concern everybody. */
const MOST_NEWS = 10_000;

/** So few are told at once even of what does not concern them: progress is only late where it would cost too much. */
const FEW = 16;

/** How many times as long as some are told of progress appends and handlers have the event loop before the next are. */
const REST = 12;

/** Somebody who waits. */
interface Waiter {
  readonly subscriber: Subscriber<number>;
  /** Has him wait no longer; nobody else finds him then. */
  readonly leave: () => void;
}

/** Those who may be told as late as one another of what does not concern them. */
interface Room {
  readonly leisure: number;
  readonly waiting: Set<Waiter>;
  /** Under way when there is something to tell them. */
  telling?: Subscription | undefined;
}

/** Where readers wait who need not be told at once of events that their filter leaves out. */
export interface QuietTail {
  /**
   * Completes as soon as something was appended that the filter lets through, or more than is looked through. Emits before
   * up to where there is nothing for the filter: at once, or, where many wait, `leisure` milliseconds later, and later still
   * where they are so many that to tell them would leave others no time.
   *
   * @param seen - The last event that there was when the reader looked, and all up to which he has passed.
   */
  since(seen: number, filter: EventFilter, leisure: number): Observable<number>;
  /** Looks at what was appended, and wakes whom it concerns. */
  wake(): void;
  /** Wakes everybody. */
  wakeAll(): void;
}

/**
 * The waiting room of readers with filters: ten thousand of them cost an append no more than one look at what was
 * appended, by the heads of the records alone, and a search for those whom they concern.
 */
export function createQuietTail(
  log: Pick<EventLog, 'read' | 'justAppended'>,
  scheduler: SchedulerLike,
): QuietTail {
  const interests = createInterests<Waiter>();
  const rooms = new Map<number, Room>();
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
    inSlices(woken, wakeOne, scheduler).subscribe();
  };
  const wakeAll = (): void => wakeThese(everybody(), through);

  const stopTelling = (room: Room): void => {
    room.telling?.unsubscribe();
    room.telling = undefined;
  };
  const tellAtOnce = (room: Room): void => {
    stopTelling(room);
    for (const { subscriber } of [...room.waiting]) subscriber.next(through);
  };
  /** Once they have had their leisure; and again, if there is more to tell when all of them are told. */
  const tellLater = (room: Room): void => {
    let told = through;
    const tellAll = () => {
      told = through;
      const tellOne = (waiter: Waiter) => {
        if (room.waiting.has(waiter)) waiter.subscriber.next(through);
      };
      return inSlices([...room.waiting], tellOne, scheduler, REST);
    };
    const complete = () => {
      room.telling = undefined;
      if (through > told) tellLater(room);
    };
    room.telling = new Subscription();
    room.telling.add(timer(room.leisure, scheduler).pipe(switchMap(tellAll)).subscribe({ complete }));
  };
  /** Heeds records behind those that all have passed, up to a number. */
  const look = (kinds: readonly Kind[], upTo: number): void => {
    if (upTo <= through) return;
    const distinct = new Map(kinds.map((kind) => [`${kind.operation} ${kind.objectType}`, kind]));
    const passed = through;
    through = upTo;
    wakeThese(new Set([...distinct.values()].flatMap(interests.in)), passed);
    const few = isFew();
    for (const room of [...rooms.values()]) {
      if (few) tellAtOnce(room);
      else if (room.telling === undefined) tellLater(room);
    }
  };
  const lookAt = (from: number, page: LogPage): void => {
    // More than anybody looks through, or gone before anybody did: each finds out for himself.
    if (page.through < page.latest || page.oldest > from + 1) wakeAll();
    else look(page.records, page.through);
  };

  /** What is returned leaves again. */
  const enter = (subscriber: Subscriber<number>, filter: EventFilter, leisure: number): (() => void) => {
    const room = rooms.get(leisure) ?? { leisure, waiting: new Set() };
    rooms.set(leisure, room);
    const leave = () => {
      forget();
      room.waiting.delete(waiter);
      if (room.waiting.size > 0) return;
      stopTelling(room);
      if (rooms.get(leisure) === room) rooms.delete(leisure);
    };
    const waiter = { subscriber, leave };
    const forget = interests.add(filter, waiter);
    room.waiting.add(waiter);
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
    wake() {
      if (rooms.size === 0) return;
      const from = through;
      const appended = log.justAppended?.() ?? [];
      const [first, last] = [appended[0], appended.at(-1)];
      if (first !== undefined && last !== undefined && first.seqNum <= from + 1) {
        look(appended, last.seqNum);
        return;
      }
      const news = { after: from, filter: undefined, maxExamined: MOST_NEWS, maxGiven: MOST_NEWS };
      // What cannot be read is everybody's business: each finds out for itself.
      log
        .read({ ...news, maxBytes: Number.POSITIVE_INFINITY })
        .subscribe({ next: (page) => lookAt(from, page), error: wakeAll });
    },
    wakeAll,
  };
}
