import { retry, type SchedulerLike, takeUntil, throwError, timer } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import type { Signal } from '../flow/signal.ts';
import { type BackoffOptions, backoff } from '../retry/backoff.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Attempt } from './attempt.ts';
import type { EventHandler } from './event-handler.ts';
import type { Outcome } from './outcome.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';

/** Who is told what a run does, as it does it. */
export interface RunMonitor<E extends Event = Event> {
  /** It begins here; the checkpoint is that which it found. */
  began(from: EventIterator, checkpoint: number | undefined): void;
  /** It asks for events. */
  listening(): void;
  /** It has read up to here; `first` is the first event of the page. */
  read(next: EventIterator, first: E | undefined): void;
  /** It calls the handler. */
  attempting(attempt: Attempt, event: E): void;
  /** It will make a failed attempt at an event again. */
  retrying(): void;
  /** The call has come to its end, whichever. */
  settled(): void;
  /** Something failed and will be tried again or given up. */
  failed(error: unknown): void;
  /** It is done with an event, or past those that the filter left out. */
  passed(progress: Outcome<E> | Passed): void;
  /** It stores a checkpoint. */
  checkpointing(seqNum: number): void;
  /** It has stored a checkpoint. */
  checkpointed(seqNum: number): void;
}

/** Progress without an event: the filter left out everything up to here. */
export interface Passed {
  /** Tells it from an outcome. */
  readonly status: 'passed';
  /** The last event that was left out. */
  readonly seqNum: number;
}

/** Everything that a run of a watcher needs to know. */
export interface RunContext<E extends Event = Event> {
  /** Where events and checkpoints are. */
  readonly store: EventStore<E>;
  /** Whose run it is. */
  readonly watcherId: string;
  /** How it is to run. */
  readonly options: ResolvedWatchOptions<E>;
  /** Handles the events. */
  readonly handler: EventHandler<E>;
  /** Its clock and timers. */
  readonly scheduler: SchedulerLike;
  /** Given when it is to end behind the attempt in flight: it was told to, or the store is closed. */
  readonly ending: Signal;
  /** Whether the watcher was sent elsewhere meanwhile, so that what the run still does no longer moves its checkpoint. */
  readonly isSuperseded: () => boolean;
  /** Is told what happens. */
  readonly monitor: RunMonitor<E>;
  /** Where to begin whatever the checkpoint says. */
  readonly startAt?: EventIterator | undefined;
}

/** What a retry needs of the context. */
interface RetryContext extends Pick<RunContext, 'scheduler' | 'ending'> {
  readonly options: BackoffOptions;
}

/**
 * Tries a failed source again after a delay that grows.
 *
 * The end of the run ends the delay, and then the source completes, without a value.
 *
 * @param onFailure - Is told of each failure, and how many there were; `true` gives up, with that error.
 */
export const tryAgain = <T>(
  { options, scheduler, ending }: RetryContext,
  onFailure: (error: unknown, failures: number) => boolean,
) =>
  retry<T>({
    delay: (error, failures) =>
      onFailure(error, failures)
        ? throwError(() => error)
        : timer(backoff(failures, options), scheduler).pipe(takeUntil(ending.given$)),
  });
