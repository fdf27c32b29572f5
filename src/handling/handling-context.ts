import type { Observable, SchedulerLike } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Signal } from '../flow/signal.ts';
import type { HandlingMonitor } from './handling-monitor.ts';
import type { Outcome, Skipped } from './outcome.ts';
import type { ResolvedRetryOptions } from './retry-options.ts';

/** What the handling of events needs to know. */
export interface HandlingContext<E extends Event = Event> {
  /** Whose handler it is. */
  readonly watcherId: string;
  /** What happens when an attempt fails. */
  readonly options: ResolvedRetryOptions<E>;
  /** What delays run on. */
  readonly scheduler: SchedulerLike;
  /** Given when no further attempt is to be made. */
  readonly ending: Signal;
  /** Whether an attempt may begin at once. */
  readonly mayBegin: () => boolean;
  /** Lets an attempt begin when it may. */
  readonly turn: <T>(attempt: Observable<T>) => Observable<T>;
  /** What to do about an event that was given up, before that is told; the first attempt began at `began`. */
  readonly giveUp: (skipped: Skipped<E>, began: number) => Observable<Outcome<E>>;
  /** How many attempts at events, by number, were cut off from outside: they count, and are no longer listed then. */
  readonly cutOff: Map<number, number>;
  /** Is told what happens. */
  readonly monitor: HandlingMonitor;
}
