import { EMPTY, type Observable, onErrorResumeNextWith } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../../event/event-iterator.ts';
import type { Outcome } from '../../handling/outcome.ts';
import type { EventStore } from '../../store/event-store.ts';
import { textOf } from '../../validation/format-value.ts';
import { CheckpointWriter } from '../run/checkpoint-writer.ts';
import type { ProgressTracker } from '../run/progress-tracker.ts';
import { numberedPosition } from '../run/start-position.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { WatcherLog } from '../watcher-log.ts';
import type { WatcherState, WatcherStats } from './watcher.ts';

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(textOf(error)));

/** Numbers from which the statistics of a watcher are computed on request. */
export class WatcherProgress<E extends Event = Event> {
  state: WatcherState = 'idle';
  /** Whether the current run has resolved the position after which it starts. */
  hasStarted = false;
  /** Events in flight of the current run. */
  tracker: ProgressTracker | undefined;
  lastError: Error | undefined;
  readonly checkpoints = new CheckpointWriter();
  readonly log: WatcherLog;
  /** Highest number up to which every event is processed. */
  ackFloor = 0;
  /** Number of the last event that was delivered to the handler. */
  lastDeliveredSeqNum = 0;

  readonly #id: string;
  readonly #store: EventStore<E>;
  readonly #options: ResolvedWatchOptions<E>;
  readonly #now: () => number;
  #next: EventIterator;
  /** Number of the event after which the last run started. */
  #startPosition: number;
  #latest = 0;
  #lastOutcome: Outcome<E> | undefined;
  #lastReadTime: number | undefined;
  #handled = 0;
  #skipped = 0;
  #retries = 0;

  constructor(id: string, store: EventStore<E>, options: ResolvedWatchOptions<E>, now: () => number) {
    this.#now = now;
    this.log = new WatcherLog(id, store.internals.logger, options, now);
    this.#id = id;
    this.#store = store;
    this.#options = options;
    this.#next = options.initialEventIterator;
    this.#startPosition = numberedPosition(options.initialEventIterator);
  }

  started(position: number): void {
    this.hasStarted = true;
    this.log.started(position);
    this.tracker = undefined;
    this.#next = afterSequenceNumber(position);
    this.#startPosition = position;
    this.ackFloor = position;
    this.lastDeliveredSeqNum = position;
  }

  /** Whether the last run has processed an event. With concurrency, earlier events can be in flight. */
  isProcessed(seqNum: number): boolean {
    if (!this.hasStarted || this.ackFloor >= seqNum) return this.hasStarted;
    if (this.tracker === undefined) return false;
    // Without concurrency, an excluded event must not count before the events before it, which can wait in a batch.
    return this.#options.concurrency > 1 ? this.tracker.isProcessed(seqNum) : this.tracker.ackFloor >= seqNum;
  }

  reading(): void {
    this.#lastReadTime = this.#now();
  }

  pageRead(next: EventIterator): void {
    this.#next = next;
  }

  delivered(seqNum: number): void {
    this.lastDeliveredSeqNum = Math.max(this.lastDeliveredSeqNum, seqNum);
  }

  /** Records a failure that does not end the run. */
  failed(error: unknown): void {
    this.lastError = asError(error);
    this.log.failure(error);
  }

  /** Records the failure that ended the run. */
  runFailed(error: unknown): void {
    this.lastError = asError(error);
    this.log.failed(error);
  }

  retrying(): void {
    this.#retries++;
  }

  progressed(ackFloor: number, outcome?: Outcome<E>): void {
    this.ackFloor = ackFloor;
    if (outcome === undefined) return;
    this.#lastOutcome = outcome;
    if (outcome.status === 'handled') this.#handled++;
    else {
      this.#skipped++;
      this.log.givenUp(outcome);
    }
  }

  /**
   * Reads the end of the log and the checkpoint. If the engine reads asynchronously, only the next statistics contain the
   * new values.
   */
  #refresh(): void {
    const read = <T>(source: Observable<T>, set: (value: T) => void) =>
      source.pipe(onErrorResumeNextWith(EMPTY)).subscribe(set);
    read(this.#store.getLatestSeqNum(), (latest) => {
      this.#latest = latest;
    });
    // In standby, another process moves the checkpoint, so it must be read from the store.
    if (this.state !== 'standby' || this.#options.ephemeral) return;
    read(this.#store.getCheckpoint(this.#id), (checkpoint) => {
      this.checkpoints.stored = checkpoint;
    });
  }

  #lag(): number {
    const processed = this.#options.ephemeral
      ? this.ackFloor
      : (this.checkpoints.stored ?? this.#startPosition);
    return Math.max(0, this.#latest - processed);
  }

  stats(): WatcherStats {
    this.#refresh();
    const event = this.#lastOutcome?.event;
    const oldest = this.tracker?.oldestTime;
    const { stored } = this.checkpoints;
    return {
      id: this.#id,
      state: this.state,
      nextEventIterator: this.#next,
      checkpointIterator:
        stored === undefined ? this.#options.initialEventIterator : afterSequenceNumber(stored),
      lastProcessedSeqNum: this.#lastOutcome?.seqNum ?? 0,
      ...(event && { lastProcessedEventTime: event.timestamp }),
      ...(this.#lastReadTime !== undefined && { lastListenTime: new Date(this.#lastReadTime) }),
      handled: this.#handled,
      skipped: this.#skipped,
      retries: this.#retries,
      lag: this.#lag(),
      lagTime: oldest === undefined ? 0 : Math.max(0, this.#now() - oldest.getTime()),
      ...(this.lastError && { lastError: this.lastError }),
    };
  }
}
