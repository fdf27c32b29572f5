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
  readonly waiting: Set<Subscriber<never>>;
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
   * milliseconds behind something that it does not.
   *
   * @param seen - The last event that there was when the reader looked.
   */
  since(seen: number, filter: EventFilter, leisure: number): Observable<never>;
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
  let seen = 0;

  const forget = (key: string, group: Group): void => {
    group.stopWaiting?.();
    if (groups.get(key) === group) groups.delete(key);
  };
  const wakeGroup = (key: string, group: Group): void => {
    forget(key, group);
    const woken = [...group.waiting];
    let next = 0;
    const wakeSome = () => {
      const end = scheduler.now() + SLICE;
      do woken[next++]?.complete();
      while (next < woken.length && scheduler.now() < end);
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
  const tell = (kinds: Iterable<Kind>): void => {
    for (const [key, group] of [...groups]) {
      const { filter, leisure } = group;
      const concerns = [...kinds].some(({ operation, objectType }) => matches(filter, operation, objectType));
      if (concerns) wakeGroup(key, group);
      else group.stopWaiting ??= deadlines.after(leisure, () => wakeGroup(key, group));
    }
  };
  const look = ({ records, through, latest }: LogPage): void => {
    seen = Math.max(seen, through);
    if (through < latest || isFew()) wakeAll();
    else
      tell(new Map(records.map((record) => [`${record.operation} ${record.objectType}`, record])).values());
  };

  return {
    since: (after, filter, leisure) =>
      new Observable((subscriber) => {
        seen = Math.max(seen, after);
        const key = JSON.stringify([filter.objectTypes, filter.operations, leisure]);
        const group: Group = groups.get(key) ?? { filter, leisure, waiting: new Set() };
        groups.set(key, group);
        group.waiting.add(subscriber);
        return () => {
          group.waiting.delete(subscriber);
          if (group.waiting.size === 0) forget(key, group);
        };
      }),
    wake() {
      if (groups.size === 0) return;
      const news = { after: seen, filter: undefined, maxExamined: MOST_NEWS, maxGiven: MOST_NEWS };
      // What cannot be read is everybody's business: each finds out for itself.
      log.read({ ...news, maxBytes: Number.POSITIVE_INFINITY }).subscribe({ next: look, error: wakeAll });
    },
    wakeAll,
  };
}
