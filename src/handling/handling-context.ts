import type { Observable, SchedulerLike } from 'rxjs';
import type { EventHandlingError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { Latch } from '../scheduling/latch.ts';
import type { HandlerContext } from './handler.ts';
import type { Outcome, Skipped } from './outcome.ts';
import type { ResolvedRetryOptions } from './retry-options.ts';

/** A call of a handler that has not come to its end. */
export interface InFlight extends HandlerContext {
  /** The event that is handled; of several, the first. */
  readonly seqNum: number;
  /** Tells the handler that nobody waits for it any more. */
  abort(): void;
}

/** Who is told how the handling of events goes, as it goes. */
export interface HandlingListener {
  /** Calls the handler, in such a way that it can be told who called from inside it. */
  inside<A, R>(attempt: InFlight, call: (argument: A, context: HandlerContext) => R, argument: A): R;
  /** The handler is called, for events up to this number. */
  attemptStarted(attempt: InFlight, through: number): void;
  /** The call has come to its end, whichever. */
  attemptEnded(attempt: InFlight): void;
  /** The call is abandoned before its end. */
  cutOff(attempt: InFlight): void;
  /** An attempt has failed. */
  failed(error: EventHandlingError): void;
  /** An attempt is made again. */
  retrying(): void;
}

/** Nobody is told. */
export const noopListener: HandlingListener = {
  inside: (attempt, call, argument) => call(argument, attempt),
  attemptStarted() {},
  attemptEnded() {},
  cutOff() {},
  failed() {},
  retrying() {},
};

/** What the handling of events needs to know. */
export interface HandlingContext<E extends Event = Event> {
  /** Whose handler it is. */
  readonly watcherId: string;
  /** What happens when an attempt fails. */
  readonly options: ResolvedRetryOptions<E>;
  /** What delays run on. */
  readonly scheduler: SchedulerLike;
  /** Given when no further attempt is to be made. */
  readonly ending: Latch;
  /** Whether an attempt may begin at once. */
  readonly mayBegin: () => boolean;
  /** Lets an attempt begin when it may. */
  readonly turn: <T>(attempt: Observable<T>) => Observable<T>;
  /** What to do about an event that was given up, before that is told; the first attempt began at `began`. */
  readonly giveUp: (skipped: Skipped<E>, began: number) => Observable<Outcome<E>>;
  /** How many attempts at events, by number, were cut off from outside: they count, and are no longer listed then. */
  readonly cutOff: Map<number, number>;
  /** Is told what happens. */
  readonly listener: HandlingListener;
}
