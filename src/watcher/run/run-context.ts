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
import type { HandlingListener } from '../../handling/handling-context.ts';
import type { Outcome, Skipped } from '../../handling/outcome.ts';
import { type BackoffOptions, backoff } from '../../scheduling/backoff.ts';
import type { Latch } from '../../scheduling/latch.ts';
import type { PauseSwitch } from '../../scheduling/pause-switch.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import type { CheckpointWriter } from './checkpoint-writer.ts';
import type { ProgressTracker } from './progress-tracker.ts';

const FINAL = [CheckpointError, InvalidOptionsError, LeaseLostError, SequenceTrimmedError, StoreClosedError];

/** Whether an error of the store is one that waiting does not mend. */
export const isFinal = (error: unknown): boolean => FINAL.some((kind) => error instanceof kind);

/** Who is told what a run does, as it does it. */
export interface RunListener<E extends Event = Event> extends HandlingListener {
  /** Called when the run begins, with the number of the event after which it does. */
  began(position: number): void;
  /** It keeps account of what is under way here. */
  following(prefix: ProgressTracker): void;
  /** It asks for events. */
  listening(): void;
  /** It has read up to here; an empty page holds nothing that the filter lets through. */
  read(next: EventIterator, isEmpty: boolean): void;
  /** Reading, or storing the checkpoint, failed, and will be tried again if that can help. */
  failed(error: unknown): void;
  /** Everything up to here is done, since it is done with an event, or past those that the filter left out. */
  passed(through: number, outcome?: Outcome<E>): void;
  /** It has stored a checkpoint. */
  checkpointed(): void;
  /** Called once or more when the run has ended: well, by its subscriber, or with an error. */
  finished(error?: unknown): void;
}

/** What a run remembers of how far it has come. */
export interface ProgressWriter {
  /** Errors if what it writes can never be written. */
  readonly failed$: Observable<never>;
  /** An event is done: everything up to here is written down at once. */
  written(through: number): void;
  /** The filter left events out: everything up to here is written down once in a while. */
  skipped(through: number): void;
  /** Lets nothing wait any longer. */
  writeNow(): void;
  /** Does that, and completes once nothing is left to write. */
  readonly flushed: Observable<never>;
}

/** Everything that a run of a watcher needs to know. */
export interface RunContext<E extends Event = Event> {
  /** Where events and checkpoints are. */
  readonly store: EventStore<E>;
  /** Whose run it is. */
  readonly watcherId: string;
  /** How it is to run. */
  readonly options: ResolvedWatchOptions<E>;
  /** Handles the events, one by one or several at once. */
  readonly handler: AnyHandler<E>;
  /** Its clock and timers. */
  readonly scheduler: SchedulerLike;
  /** Given when it is to end behind the attempts in flight: it was told to, or the store is closed, or nobody listens. */
  readonly ending: Latch;
  /** Shut while it is paused. */
  readonly pauseSwitch: PauseSwitch;
  /** Whether it still has the right to hand over. */
  readonly isEntitled: () => boolean;
  /** Completes when it has: at once, if it has now. */
  readonly entitled$: Observable<never>;
  /** Whether an attempt may begin at once. */
  readonly mayBegin: () => boolean;
  /** Lets an attempt begin when it may. */
  readonly turn: <T>(attempt: Observable<T>) => Observable<T>;
  /** What to do about an event that was given up, before that is told; the first attempt began at `began`. */
  readonly giveUp: (skipped: Skipped<E>, began: number) => Observable<Outcome<E>>;
  /** Where it remembers how far it has come. */
  readonly progress: ProgressWriter;
  /** Writes the watcher's checkpoint. */
  readonly checkpoints: CheckpointWriter;
  /** Whether the watcher was sent elsewhere meanwhile, so that what the run still does no longer moves its checkpoint. */
  readonly isSuperseded: () => boolean;
  /** How many attempts at events were cut off by the loss of a lease. */
  readonly cutOff: Map<number, number>;
  /** Is told what happens. */
  readonly listener: RunListener<E>;
}

/** What a retry needs of the context. */
interface RetryContext extends Pick<RunContext, 'scheduler' | 'ending'> {
  readonly options: BackoffOptions;
}

/**
 * Tries a failed source again after a delay that grows, without an end.
 *
 * The end of the run ends the delay, and then the source completes, without a value.
 *
 * @param onFailure - Is told of each failure; `true` gives up, with that error.
 */
export const retryStoreFailure = <T>(
  { options, scheduler, ending }: RetryContext,
  onFailure: (error: unknown) => boolean,
) =>
  retry<T>({
    delay: (error, failures) =>
      onFailure(error)
        ? throwError(() => error)
        : timer(backoff(failures, options), scheduler).pipe(takeUntil(ending.set$)),
  });
