import { type Observable, retry, type SchedulerLike, takeUntil, throwError, timer } from 'rxjs';
import {
  CheckpointError,
  InvalidOptionsError,
  LeaseLostError,
  SequenceTrimmedError,
  StoreClosedError,
} from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { AnyHandler } from '../../handling/handler.ts';
import type { HandlingContext, HandlingListener } from '../../handling/handling-context.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { type BackoffOptions, backoff } from '../../scheduling/backoff.ts';
import type { CoalescingWriter } from '../../scheduling/coalescing-writer.ts';
import type { Latch } from '../../scheduling/latch.ts';
import type { PauseSwitch } from '../../scheduling/pause-switch.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import type { CheckpointWriter } from './checkpoint-writer.ts';
import type { ProgressTracker } from './progress-tracker.ts';

const PERMANENT = [
  CheckpointError,
  InvalidOptionsError,
  LeaseLostError,
  SequenceTrimmedError,
  StoreClosedError,
];

/** Whether an error of the store is permanent: a retry cannot succeed. */
export const isPermanent = (error: unknown): boolean => PERMANENT.some((kind) => error instanceof kind);

/** Functions that a run calls for logging and statistics. */
export interface RunListener<E extends Event = Event> extends HandlingListener {
  /** The run has resolved the position after which it starts. */
  started(position: number): void;
  /** The run records its events in flight in `tracker`. */
  tracking(tracker: ProgressTracker): void;
  /** The run requests a page. */
  reading(): void;
  /** The run has read a page, or progress past excluded events; `isEmpty` if there is no matching event. */
  pageRead(next: EventIterator, isEmpty: boolean): void;
  /** A read or a write of the store failed. It is retried unless the error is permanent. */
  failed(error: unknown): void;
  /**
   * Every event up to `ackFloor` is processed. `outcome` has caused the call; it is missing if the run has only passed events
   * that the filter excludes.
   */
  progressed(ackFloor: number, outcome?: Outcome<E>): void;
  /** The run has stored a checkpoint. */
  checkpointStored(): void;
  /** The run has ended: successfully, by unsubscription, or with an error. May be called more than once. */
  finished(error?: unknown): void;
}

/** Writer of the automatic checkpoint of a run. */
export type ProgressWriter = Pick<CoalescingWriter, keyof CoalescingWriter>;

/** Parts of a run context that the caller of `runWatcher` provides. */
export interface RunParts<E extends Event = Event> {
  readonly store: EventStore<E>;
  readonly watcherId: string;
  readonly options: ResolvedWatchOptions<E>;
  readonly handler: AnyHandler<E>;
  readonly scheduler: SchedulerLike;
  /** Stops deliveries while the watcher is paused. */
  readonly pauseSwitch: PauseSwitch;
  /**
   * Whether events may be delivered now: the call that started the watcher has returned, and the lease and a slot for an
   * attempt are available if they are needed.
   */
  readonly isReady: () => boolean;
  /** Completes when `isReady()` is true; immediately if it is true now. */
  readonly ready$: Observable<never>;
  readonly checkpoints: CheckpointWriter;
  /** Whether a seek has replaced this run. If so, this run must not move the checkpoint any more. */
  readonly isSuperseded: () => boolean;
  /** Number of attempts that the loss of a lease has aborted, by sequence number. */
  readonly cutOff: Map<number, number>;
  readonly listener: RunListener<E>;
}

/** Options, store, clock and listeners that all parts of a run share. */
export interface RunContext<E extends Event = Event> extends RunParts<E> {
  /**
   * Set when the run must begin no further attempt. After a stop or the close of the store, the run waits for the attempts in
   * flight. An unsubscription or a failure aborts them.
   */
  readonly ending: Latch;
  readonly progressWriter: ProgressWriter;
  /** Whether an attempt may begin now. */
  readonly mayBegin: () => boolean;
  /** Delays an attempt until it may begin. */
  readonly turn: <T>(attempt: Observable<T>) => Observable<T>;
}

/** Run context of the page loop, with the events in flight and the functions that handle events. */
export interface DeliveryContext<E extends Event = Event> extends RunContext<E>, HandlingContext<E> {
  readonly store: EventStore<E>;
  readonly listener: RunListener<E>;
  readonly options: ResolvedWatchOptions<E>;
  /** Events in flight. */
  readonly tracker: ProgressTracker;
}

/** Members of a run context that `retryStoreFailure` uses. They do not depend on the type of the events. */
interface RetryContext extends Pick<RunContext, 'scheduler' | 'ending'> {
  readonly options: BackoffOptions;
  readonly listener: Pick<RunListener, 'failed'>;
}

/**
 * Reports each failure of the source, and subscribes to the source again after a growing delay, without a limit. If the run
 * ends during the delay, the resulting Observable completes without a value.
 *
 * @param isLast - Returns whether an error ends the retries. The resulting Observable then errors with this error.
 */
export const retryStoreFailure = <T>(
  { options, scheduler, ending, listener }: RetryContext,
  isLast: (error: unknown) => boolean = isPermanent,
) =>
  retry<T>({
    delay(error, failures) {
      listener.failed(error);
      if (isLast(error)) return throwError(() => error);
      return timer(backoff(failures, options), scheduler).pipe(takeUntil(ending.set$));
    },
  });
