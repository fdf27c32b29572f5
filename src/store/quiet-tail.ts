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
  /** Behind where each of them has come, up to here, there is nothing for them. */
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
  /** Wakes a group, and tells it up to where there is nothing for it, if that is known. */
  const wakeGroup = (key: string, group: Group, through?: number): void => {
    forget(key, group);
    const woken = [...group.waiting];
    let next = 0;
    const wakeSome = () => {
      const end = scheduler.now() + SLICE;
      do {
        if (through !== undefined) woken[next]?.next(through);
        woken[next++]?.complete();
      } while (next < woken.length && scheduler.now() < end);
      if (next < woken.length) scheduler.schedule(wakeSome);
    };
    wakeSome();
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
      if (few) wakeGroup(key, group, group.through);
      else group.stopWaiting ??= deadlines.after(group.leisure, () => wakeGroup(key, group, group.through));
    }
  };

  return {
    since: (after, filter, leisure) =>
      new Observable((subscriber) => {
        const key = JSON.stringify([filter.objectTypes, filter.operations, leisure]);
        const group: Group = groups.get(key) ?? { filter, leisure, waiting: new Set(), through: after };
        group.through = Math.min(group.through, after);
        groups.set(key, group);
        group.waiting.add(subscriber);
        return () => {
          group.waiting.delete(subscriber);
          if (group.waiting.size === 0) forget(key, group);
        };
      }),
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
