import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { type EventFilter, matches } from '../event/event-filter.ts';
import type { Operation } from '../event/operation.ts';
import { createDeadlines } from '../flow/deadlines.ts';
import type { EventLog, LogPage } from './event-log.ts';

/** More news than this, in events, concern everybody. */
const MOST_NEWS = 10_000;

/** So few are told at once even of what does not concern them: progress is only late where it would cost too much. */
const FEW = 16;

/** How long, in milliseconds, waiters are woken before the event loop gets a turn. */
const SLICE = 8;

/** Those who wait for the same. */
interface Group {
  readonly filter: EventFilter;
  readonly leisure: number;
  readonly waiting: Set<Subscriber<number>>;
  /** Where the first of them stood. */
  readonly from: number;
  /** Behind that, or where another of them has come least far, up to here there is nothing for them. */
  through: number;
  /** Ends the wait for the time at which they are told of what does not concern them, if one is set. */
  stopWaiting?: (() => void) | undefined;
}

/** What an event is to a filter. */
interface Kind {
  readonly operation: Operation;
  readonly objectType: string;
}

/** Where readers wait who need not be told at once of events that their filter leaves out. */
export interface QuietTail {
  /**
   * Completes as soon as something was appended that the filter lets through, or, where many wait, `leisure`
   * milliseconds behind something that it does not. In that case it emits before up to where there is nothing for the
   * filter, so that nobody has to read that once more.
   *
   * @param seen - The last event that there was when the reader looked, and all up to which he has passed.
   */
  since(seen: number, filter: EventFilter, leisure: number): Observable<number>;
  /** Up to where there is nothing behind a place, if others who wait for the same make that known. */
  passed(after: number, filter: EventFilter, leisure: number): number | undefined;
  /** Looks at what was appended, and wakes whom it concerns. */
  wake(): void;
  /** Wakes everybody. */
  wakeAll(): void;
}

/**
 * The waiting room of readers with filters: ten thousand of them cost an append no more than one look at what was
 * appended, by the heads of the records alone, and one comparison for each filter that there is.
 */
export function createQuietTail(log: Pick<EventLog, 'read'>, scheduler: SchedulerLike): QuietTail {
  const deadlines = createDeadlines(scheduler);
  const groups = new Map<string, Group>();

  const forget = (key: string, group: Group): void => {
    group.stopWaiting?.();
    if (groups.get(key) === group) groups.delete(key);
  };
  /** Does something for each, in slices. */
  const inSlices = <T>(items: readonly T[], work: (item: T) => void): void => {
    let next = 0;
    const someMore = () => {
      const end = scheduler.now() + SLICE;
      do work(items[next++] as T);
      while (next < items.length && scheduler.now() < end);
      if (next < items.length) scheduler.schedule(someMore);
    };
    if (items.length > 0) someMore();
  };
  /** Wakes a group: each looks for himself. */
  const wakeGroup = (key: string, group: Group): void => {
    forget(key, group);
    inSlices([...group.waiting], (subscriber) => subscriber.complete());
  };
  /** Tells a group how far it has passed. It goes on meanwhile: who comes back at once need not read what others have not. */
  const tellGroup = (group: Group): void => {
    const { through } = group;
    group.stopWaiting?.();
    group.stopWaiting = undefined;
    inSlices([...group.waiting], (subscriber) => {
      subscriber.next(through);
      subscriber.complete();
    });
  };
  const wakeAll = (): void => {
    for (const [key, group] of [...groups]) wakeGroup(key, group);
  };
  const isFew = (): boolean => {
    let waiting = 0;
    for (const group of groups.values()) waiting += group.waiting.size;
    return waiting <= FEW;
  };
  /** Heeds a page that was read behind `from`. */
  const look = (from: number, { records, through, oldest, latest }: LogPage): void => {
    // More than anybody looks through, or gone before anybody did: each finds out for himself.
    if (through < latest || oldest > from + 1) {
      wakeAll();
      return;
    }
    const kinds = new Map<string, Kind>(
      records.map((record) => [`${record.operation} ${record.objectType}`, record]),
    );
    const concerns = (filter: EventFilter) =>
      [...kinds.values()].some(({ operation, objectType }) => matches(filter, operation, objectType));
    const few = isFew();
    for (const [key, group] of [...groups]) {
      // Whoever has come while the page was read may not have passed what lies before it.
      if (group.through < from || concerns(group.filter)) {
        wakeGroup(key, group);
        continue;
      }
      group.through = Math.max(group.through, through);
      if (few) tellGroup(group);
      else group.stopWaiting ??= deadlines.after(group.leisure, () => tellGroup(group));
    }
  };

  const keyOf = ({ objectTypes, operations }: EventFilter, leisure: number) =>
    JSON.stringify([objectTypes, operations, leisure]);

  return {
    since: (after, filter, leisure) =>
      new Observable((subscriber) => {
        const key = keyOf(filter, leisure);
        const begun = { filter, leisure, waiting: new Set<Subscriber<number>>() };
        const group: Group = groups.get(key) ?? { ...begun, from: after, through: after };
        group.through = Math.min(group.through, after);
        groups.set(key, group);
        group.waiting.add(subscriber);
        return () => {
          group.waiting.delete(subscriber);
          if (group.waiting.size === 0) forget(key, group);
        };
      }),
    passed(after, filter, leisure) {
      const group = groups.get(keyOf(filter, leisure));
      return group !== undefined && group.from <= after && after <= group.through ? group.through : undefined;
    },
    wake() {
      if (groups.size === 0) return;
      let from = Number.POSITIVE_INFINITY;
      for (const { through } of groups.values()) from = Math.min(from, through);
      const news = { after: from, filter: undefined, maxExamined: MOST_NEWS, maxGiven: MOST_NEWS };
      // What cannot be read is everybody's business: each finds out for itself.
      log
        .read({ ...news, maxBytes: Number.POSITIVE_INFINITY })
        .subscribe({ next: (page) => look(from, page), error: wakeAll });
    },
    wakeAll,
  };
}
