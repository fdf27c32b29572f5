import type { Observable } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { EventHandler } from '../../handling/handler.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { options } from '../../validation/options.ts';
import { delayOrInfinity } from '../../validation/types.ts';

/**
 * `standby` was started, and waits for its lease while another process has it; `paused` holds its place and hands nothing
 * over; `stopping` lasts until the attempts in flight have settled; a `failed` watcher can be started again, or sought.
 */
export type WatcherState = 'idle' | 'standby' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed';

/** How a watcher is doing. */
export interface WatcherStats {
  /** The watcher. */
  readonly id: string;
  /** What it does at present. */
  readonly state: WatcherState;
  /** Where it reads next. */
  readonly nextEventIterator: EventIterator;
  /** Where it would begin after a restart. */
  readonly checkpointIterator: EventIterator;
  /** The event that was handled or skipped last; 0 if none was since the watcher was created. */
  readonly lastProcessedSeqNum: number;
  /** When that event was stored. */
  readonly lastProcessedEventTime?: Date;
  /** When it last asked for events. */
  readonly lastListenTime?: Date;
  /** Events handled since it was created. */
  readonly handled: number;
  /** Events given up since it was created. */
  readonly skipped: number;
  /** Failed attempts that were made again, since it was created. */
  readonly retries: number;
  /** Latest minus checkpoint, in events; without one: minus the place it began after; ephemeral: minus the last it passed. */
  readonly lag: number;
  /** How old the oldest event is that it has begun with and not passed yet, in milliseconds; 0 if there is none. */
  readonly lagTime: number;
  /** The last failure: of the handler, of reading, or of storing the checkpoint. */
  readonly lastError?: Error;
}

/** How long to wait for the attempts in flight. */
export interface StopOptions {
  /** In milliseconds; then its signal is aborted. Default 30 000. */
  readonly timeout?: number | undefined;
}

/** Tells what is wrong with them. */
export const StopOptionsCodec = options('{ timeout: 5000 }', { timeout: delayOrInfinity });

/** A subscription to the log that a manager keeps, under an id. */
export interface Watcher<E extends Event = Event> {
  /** The id it was created with. */
  readonly id: string;

  /** How it is doing at this moment. */
  stats(): WatcherStats;

  /**
   * The same, the present value first; a change of state at once, other changes at most every 100 milliseconds. Completes
   * when the watcher is removed.
   */
  readonly stats$: Observable<WatcherStats>;

  /**
   * Whether it runs and has passed everything that is stored: the present answer first, then each other one. Completes
   * when the watcher is removed.
   */
  readonly caughtUp$: Observable<boolean>;

  /**
   * Emits the number of an event, and completes, once the event was handled, skipped or excluded by the filter; at once,
   * if it was. A handler must not wait for the event that it is called with: that event is processed only when the handler has
   * settled, so both wait without an end.
   *
   * @throws The watcher's error if it fails before; InvalidStateError if it is removed, and StoreClosedError if the
   *   store is closed before.
   * @throws InvalidOptionsError, at the call, for what is no sequence number.
   * @example
   * const { seqNum } = await store.storeEvent(order);
   * await lastValueFrom(watcher.whenProcessed(seqNum));
   */
  whenProcessed(seqNum: number): Observable<number>;

  /** What becomes of each event, from now on; completes when the watcher is removed. */
  readonly outcomes$: Observable<Outcome<E>>;

  /**
   * Gives it the handler that its options did not.
   *
   * @throws HandlerExistsError
   * @throws InvalidOptionsError unless it is a function.
   * @throws InvalidStateError once the watcher was removed.
   */
  setHandler(handler: EventHandler<E>): void;

  /**
   * Starts it, after its checkpoint. No handler is called before this call has returned.
   *
   * @throws NoHandlerError
   * @throws InvalidStateError while it is running, paused or stopping, and once it was removed.
   */
  start(): void;

  /**
   * Hands nothing over any more, behind the attempts in flight, and keeps its place; once is enough.
   *
   * @throws InvalidStateError unless it is running or paused.
   */
  pause(): void;

  /**
   * Goes on after a pause; it does nothing to a watcher that is not paused.
   *
   * @throws InvalidStateError unless it is running or paused.
   */
  resume(): void;

  /**
   * Stops it after the attempt in flight; waits end at once, and the checkpoint is flushed. A redrive ends after the letter
   * in flight, and is waited for, too. Idempotent. Called from inside its handler, it does not wait for that attempt.
   *
   * @throws TimeoutError if the attempt has not ended in time: its signal is aborted, and the state stays `stopping`
   *   until the handler has settled.
   */
  stop(options?: StopOptions): Promise<void>;

  /**
   * Stores its checkpoint, which only moves forward. With `checkpoint: 'manual'` the event in the handler counts as
   * handled. Progress is stored even if a hard cap has trimmed events after it, as that of an automatic checkpoint is.
   *
   * @throws CheckpointError if the watcher is ephemeral, or the number lies before its checkpoint or past what was
   *   handled.
   */
  checkpoint(seqNum: number): Promise<void>;

  /**
   * Stops the watcher, moves its checkpoint to the position of `target`, forwards or backwards, and restarts it there.
   * Events that wait for the attempt in flight are not delivered first. An ephemeral
   * watcher stores no checkpoint. A seek recovers a failed watcher. Called from inside the watcher's handler, it does not
   * wait for that attempt. A target that is refused changes nothing.
   *
   * @throws NoHandlerError
   * @throws CheckpointError if the target lies beyond the log.
   * @throws SequenceTrimmedError if events after the target are no longer held.
   * @throws InvalidOptionsError if the iterator is not valid.
   * @throws InvalidStateError once the watcher was removed.
   * @throws {@link WatcherAlreadyRunningError} if another watcher of this id, not ephemeral, runs on the store object.
   * @throws TimeoutError as `stop` does; nothing was stored then.
   */
  seek(target: EventIterator): Promise<void>;
}
