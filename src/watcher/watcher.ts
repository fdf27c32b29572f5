import type { Observable } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventHandler } from './event-handler.ts';
import type { Outcome } from './outcome.ts';
import type { WatcherStats } from './watcher-stats.ts';

/** How long to wait for an attempt in flight. */
export interface StopOptions {
  /** In milliseconds; then its signal is aborted. Default 30 000. */
  readonly timeout?: number | undefined;
}

/** A subscription to the log that a manager keeps, under an id. */
export interface Watcher<E extends Event = Event> {
  /** The id it was created with. */
  readonly id: string;

  /** How it is doing at this moment. */
  stats(): WatcherStats;

  /** The same, each time that something changes; the present value first. Completes when the watcher is removed. */
  readonly stats$: Observable<WatcherStats>;

  /** What becomes of each event, from now on; completes when the watcher is removed. */
  readonly outcomes$: Observable<Outcome<E>>;

  /**
   * Gives it the handler that its options did not.
   *
   * @throws HandlerExistsError
   */
  setHandler(handler: EventHandler<E>): void;

  /**
   * Starts it, after its checkpoint.
   *
   * @throws NoHandlerError
   * @throws InvalidStateError while it is running or stopping.
   */
  start(): void;

  /**
   * Stops it behind the attempt in flight; waits end at once, and the checkpoint is flushed. Idempotent. Called from
   * inside its handler, it does not wait for that attempt.
   *
   * @throws TimeoutError if the attempt has not ended in time: its signal is aborted, and the state stays `stopping`
   *   until the handler has settled.
   */
  stop(options?: StopOptions): Promise<void>;

  /**
   * Stores its checkpoint. With `checkpoint: 'manual'` the event in the handler counts as handled.
   *
   * @throws CheckpointError if the watcher is ephemeral, or the number lies before its checkpoint or past what was
   *   handled.
   */
  checkpoint(seqNum: number): Promise<void>;

  /**
   * Stops it, stores the checkpoint, be it backwards, and starts it again with the event after `seqNum`. An ephemeral
   * watcher stores none. This recovers a failed one. Called from inside its handler, it does not wait for that attempt.
   *
   * @throws NoHandlerError
   * @throws CheckpointError if the number lies beyond the log.
   * @throws TimeoutError as `stop` does; nothing was stored then.
   */
  seekToOffset(seqNum: number): Promise<void>;
}
