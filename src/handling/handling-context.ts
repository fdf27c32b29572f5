import type { Observable, SchedulerLike } from 'rxjs';
import type { EventHandlingError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { Latch } from '../scheduling/latch.ts';
import type { HandlerContext } from './handler.ts';
import type { Handled, Outcome, Skipped } from './outcome.ts';
import type { ResolvedRetryOptions } from './retry-options.ts';

/** Attempt that has not ended. */
export interface InFlight extends HandlerContext {
  /** Sequence number of the event, or of the first event of the batch. */
  readonly seqNum: number;
  /** Aborts the signal of the attempt, which stays in flight until the handler has settled. */
  abort(): void;
}

/** Functions that are called while events are handled. */
export interface HandlingListener {
  /**
   * Calls `work`, which runs code of the handler, in an asynchronous context that contains the attempt. Through this
   * context, a command such as `stop` detects a call from inside the handler.
   */
  inside<A extends InFlight>(attempt: A, work: (attempt: A) => void): void;
  /** Called before the handler, with the sequence number of the last event of the attempt. */
  attemptStarted(attempt: InFlight, lastSeqNum: number): void;
  /** Called when an attempt has succeeded, failed or been abandoned. */
  attemptEnded(attempt: InFlight): void;
  /** Called when an unsubscription abandons an attempt, before `attemptEnded`. Not called after a timeout. */
  cutOff(attempt: InFlight): void;
  /** Called with the error of each failed attempt, even if a retry follows. */
  failed(error: EventHandlingError): void;
  /** Called when a retry begins, before `attemptStarted`. */
  retrying(): void;
}

/** Listener that only calls the handler. For handlers without a watcher, as in `handleWith`. */
export const noopListener: HandlingListener = {
  inside: (attempt, work) => work(attempt),
  attemptStarted() {},
  attemptEnded() {},
  cutOff() {},
  failed() {},
  retrying() {},
};

/** Options, scheduler and listener of an attempt. */
export interface AttemptContext {
  /** Id of the watcher, or the option `watcherId` of `handleWith`. */
  readonly watcherId: string;
  /** Store of the watcher, for diagnostics; missing without a store. */
  readonly store?: object;
  /** Options with the maximum time of an attempt. */
  readonly options: Pick<ResolvedRetryOptions, 'handlerTimeout'>;
  /** Scheduler of backoffs and timeouts. */
  readonly scheduler: SchedulerLike;
  /** Listener for logging and statistics. */
  readonly listener: HandlingListener;
}

/** Options, scheduler and listener with which events are handled. */
export interface HandlingContext<E extends Event = Event> extends AttemptContext {
  /** Retry options with all defaults applied. */
  readonly options: ResolvedRetryOptions<E>;
  /** Latch that is set when no further attempt may begin. */
  readonly ending: Latch;
  /** Returns whether an attempt may begin now. */
  readonly mayBegin: () => boolean;
  /** Delays an attempt until it may begin. */
  readonly turn: <T>(attempt: Observable<T>) => Observable<T>;
  /**
   * Called with the outcomes of handled events. Returns the outcomes to emit, for example after their dead letters are
   * deleted.
   */
  readonly handled: (outcomes: readonly Handled<E>[]) => readonly Outcome<E>[] | Observable<Outcome<E>>;
  /**
   * Called for an event that is given up. The returned Observable emits the outcome.
   *
   * @param began - Start of the first attempt, in milliseconds since 1970.
   */
  readonly giveUp: (skipped: Skipped<E>, began: number) => Observable<Outcome<E>>;
  /**
   * Number of attempts that the loss of a lease has aborted, by the sequence number of the event. When the event is
   * delivered again, its entry is removed, and the aborted attempts count as failed attempts.
   */
  readonly cutOff: Map<number, number>;
}
