import type { Observable } from 'rxjs';
import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { EventHandler } from '../../handling/handler.ts';
import type { Outcome } from '../../handling/outcome.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import { check } from '../../validation/check.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import { delayOrInfinity } from '../../validation/types.ts';

/** Statistics of a watcher. The counts include all runs since the watcher was created in this process. */
export interface WatcherStats {
  readonly id: string;
  readonly state: WatcherState;
  /** Position of the next read. */
  readonly nextEventIterator: EventIterator;
  /** Position at which a restart begins: after the checkpoint, or `initialEventIterator` without one. */
  readonly checkpointIterator: EventIterator;
  /** Number of the event that was handled or skipped last; 0 if there is none since the creation of the watcher. */
  readonly lastProcessedSeqNum: number;
  /** Timestamp of the event `lastProcessedSeqNum`. */
  readonly lastProcessedEventTime?: Date;
  /** Time of the last request for a page. */
  readonly lastListenTime?: Date;
  /** Number of events handled since the creation of the watcher. */
  readonly handled: number;
  /** Number of events given up since the creation of the watcher. */
  readonly skipped: number;
  /** Number of failed attempts that were retried since the creation of the watcher. */
  readonly retries: number;
  /**
   * Number of events between the checkpoint and the end of the log. Without a checkpoint, the lag is counted from the start
   * position; for an ephemeral watcher, from the last processed event.
   */
  readonly lag: number;
  /**
   * Age of the oldest stored event after the checkpoint, in milliseconds; 0 at the tail. It counts from the same position as
   * `lag`, in every state.
   */
  readonly lagTime: number;
  /**
   * Last error, for example of the handler, of a read, of the write of a checkpoint, or of `pauseWhen`. A later success
   * does not remove it.
   */
  readonly lastError?: Error;
  /**
   * Statistics of each partition, by index; missing if the watcher has no partitions. The other members then describe the
   * whole watcher: positions and lags are those of the slowest partition, and counters are sums of this process.
   */
  readonly partitions?: readonly PartitionStats[];
}

/** Statistics of one partition of a watcher. */
export interface PartitionStats extends Omit<WatcherStats, 'id' | 'partitions'> {
  /** Index of the partition, from 0. */
  readonly index: number;
  /**
   * State of the partition in this process; `standby` if another process or no process handles the partition. The counters
   * include only events that this process has handled or skipped.
   */
  readonly state: WatcherState;
  /**
   * Description of the process that holds the lease of the partition; missing if there are no leases, or if no process holds
   * the lease.
   */
  readonly owner?: string;
}

/** Options of `stop`. */
export interface StopOptions {
  /**
   * Maximum wait for the attempts in flight, in milliseconds. After this time, the signals of these attempts are aborted.
   *
   * @defaultValue 30000
   */
  readonly timeout?: number | undefined;
}

const StopOptionsCodec = optionsCodec('{ timeout: 5000 }', { timeout: delayOrInfinity });

/** Default of the option `timeout` of `stop`, in milliseconds. */
export const STOP_TIMEOUT = 30_000;

/**
 * Returns the timeout of a stop, in milliseconds.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid.
 */
export function resolveStopTimeout(options: StopOptions = {}): number {
  const invalid = (faults: InvalidOptionsError['faults']) =>
    new InvalidOptionsError('options of stop', faults);
  return check(StopOptionsCodec, options, invalid).timeout ?? STOP_TIMEOUT;
}

/**
 * Watcher of a manager. It calls its handler for each matching event, and stores its checkpoint under its id.
 *
 * @see [The states of a watcher](../../../docs/guides/watcher-states.md)
 */
export interface Watcher<E extends Event = Event> {
  /** Id of the watcher in its manager and in the store. */
  readonly id: string;

  /**
   * Returns the current statistics. If the engine reads asynchronously, `lag` and `lagTime` are those of the last completed
   * read; each call starts a read.
   */
  stats(): WatcherStats;

  /**
   * Statistics; emits the current ones first. A change of state is emitted immediately, other changes at most every
   * 100 milliseconds. Completes when the watcher is removed.
   */
  readonly stats$: Observable<WatcherStats>;

  /**
   * Whether the watcher is running and has processed every stored event. Emits the current value first, then each change.
   * Completes when the watcher is removed.
   */
  readonly caughtUp$: Observable<boolean>;

  /**
   * Emits the number of an event, and completes, when the event is handled, skipped or excluded by the filter. If the event
   * is already processed, its number is emitted immediately. A handler must not wait for its own event: the event is
   * processed only when the handler has settled, so the handler would wait without an end.
   *
   * @throws The error of the watcher, if the watcher fails before the event is processed.
   * @throws {@link InvalidStateError} if the watcher is removed before the event is processed.
   * @throws {@link StoreClosedError} if the store is closed before the event is processed.
   * @throws {@link InvalidOptionsError} if `seqNum` is not a whole number from 0. The call itself throws this error.
   * @example
   * const { seqNum } = await store.storeEvent(order);
   * await lastValueFrom(watcher.whenProcessed(seqNum));
   */
  whenProcessed(seqNum: number): Observable<number>;

  /** Outcome of each event after the subscription. Completes when the watcher is removed. */
  readonly outcomes$: Observable<Outcome<E>>;

  /**
   * Sets the handler of a watcher that was created without one.
   *
   * @throws {@link HandlerExistsError} if the watcher has a handler.
   * @throws {@link InvalidOptionsError} if the handler is not a function.
   * @throws {@link InvalidStateError} if the watcher was removed.
   */
  setHandler(handler: EventHandler<E>): void;

  /**
   * Starts the watcher after its checkpoint. No handler is called before this call has returned.
   *
   * @throws {@link NoHandlerError} if the watcher has no handler.
   * @throws {@link InvalidStateError} if the watcher is in standby, running, paused, stopping or removed.
   */
  start(): void;

  /**
   * Stops the delivery of further events immediately. Attempts in flight continue, and their outcomes count as usual.
   * `resume` continues with the next event. Idempotent.
   *
   * @throws {@link InvalidStateError} unless the watcher is in standby, running or paused.
   * @see {@link Watcher.resume}
   */
  pause(): void;

  /**
   * Resumes the delivery of events after a pause. Does nothing if the watcher is not paused.
   *
   * @throws {@link InvalidStateError} unless the watcher is in standby, running or paused.
   * @see {@link Watcher.pause}
   */
  resume(): void;

  /**
   * Stops the watcher after the attempt in flight and stores its checkpoint. Reads and delays before retries end
   * immediately. A redrive ends after the current dead letter, and the stop waits for it. Idempotent. A call from inside
   * the handler does not wait for the attempt of that handler.
   *
   * @throws {@link TimeoutError} if an attempt does not settle within `timeout`. The signal of the attempt is aborted, and
   *   the state stays `stopping` until the handler has settled.
   */
  stop(options?: StopOptions): Promise<void>;

  /**
   * Stores the checkpoint, which only moves forward. With `checkpoint: 'manual'`, the event in flight counts as handled, so a
   * handler can store the number of its event. The checkpoint is stored even if a hard limit has trimmed events after it.
   *
   * @throws {@link CheckpointError} if the watcher is ephemeral.
   * @throws {@link CheckpointError} if `seqNum` is not a whole number from 0.
   * @throws {@link CheckpointError} if `seqNum` is below the checkpoint or after the last handled event.
   * @throws {@link InvalidStateError} if another process holds the lease, or the watcher was removed.
   * @see {@link Watcher.seek}
   */
  checkpoint(seqNum: number): Promise<void>;

  /**
   * Stops the watcher, moves its checkpoint to the position of `target`, forwards or backwards, and restarts it there.
   * Events that wait for the attempt in flight are not delivered before the restart. An ephemeral watcher stores no
   * checkpoint. A seek also restarts a failed watcher. A rejected target changes nothing. A call from inside the handler
   * does not wait for the attempt of that handler.
   *
   * @throws {@link NoHandlerError} if the watcher has no handler.
   * @throws {@link CheckpointError} if the target is after the end of the log.
   * @throws {@link SequenceTrimmedError} if events after the target were trimmed.
   * @throws {@link InvalidOptionsError} if the iterator is not valid.
   * @throws {@link InvalidStateError} if another process holds the lease, or the watcher was removed.
   * @throws {@link WatcherAlreadyRunningError} if another watcher of this id runs on the store object; ephemeral watchers
   *   are exempt.
   * @throws {@link TimeoutError} if an attempt does not settle within 30 seconds. No checkpoint is stored.
   */
  seek(target: EventIterator): Promise<void>;
}
