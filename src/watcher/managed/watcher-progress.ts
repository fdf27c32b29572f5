import { EMPTY, map, type Observable, of, onErrorResumeNextWith, switchMap, tap } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, type EventIterator, seqNumBefore } from '../../event/event-iterator.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { type SerializedError, serializedErrors } from '../../store/dead-letter.ts';
import type { EventStore } from '../../store/event-store.ts';
import { type Backlog, type Lag, lagOf } from '../../store/monitoring/backlog.ts';
import type { ReportedWatcher } from '../../store/monitoring/manager-reports.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import { textOf } from '../../validation/format-value.ts';
import { CheckpointWriter } from '../run/checkpoint-writer.ts';
import type { ProgressTracker } from '../run/progress-tracker.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { WatcherLog } from '../watcher-log.ts';
import { AwaitedEvents } from './awaited-events.ts';
import type { WatcherStats } from './watcher.ts';

/**
 * Maximum length of the message of a reported error, in characters. It limits the size of a report, which contains the errors
 * of all watchers of a manager.
 */
const MAX_MESSAGE = 1000;

/** Returns an error without its stack, and with its message cut off after `MAX_MESSAGE` characters. */
const reportedError = ({ stack: _stack, message, ...error }: SerializedError): SerializedError => ({
  ...error,
  message: message.slice(0, MAX_MESSAGE),
});

/** Returns the member `lastError` of a report; an empty object if there is no error. */
export function lastErrorOf(error: Error | undefined): Pick<ReportedWatcher, 'lastError'> {
  const [first] = error === undefined ? [] : serializedErrors(error);
  return first === undefined ? {} : { lastError: reportedError(first) };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(textOf(error)));

/** Id and error listener of one partition of a watcher. */
export interface PartitionIdentity {
  /** Id of the partition; the log lines name it. */
  readonly id: string;
  /** Called with each error of the partition. */
  readonly onError: (error: Error) => void;
}

/** States in which another process may run a partition. */
const ELSEWHERE: ReadonlySet<WatcherState> = new Set(['idle', 'standby', 'stopped', 'failed']);

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
  /** Events that calls of `whenProcessed` wait for. */
  readonly awaited = new AwaitedEvents();
  /** Highest number up to which every event is processed. */
  ackFloor = 0;
  /** Number of the last event that was delivered to the handler. */
  lastDeliveredSeqNum = 0;

  readonly #id: string;
  readonly #store: EventStore<E>;
  readonly #options: ResolvedWatchOptions<E>;
  readonly #now: () => number;
  readonly #partition: PartitionIdentity | undefined;
  #next: EventIterator;
  /** Number of the event after which the last run started. */
  #startPosition: number;
  #backlog: Backlog = { latestSeqNum: 0, oldestTimestamp: undefined };
  #lastOutcome: Outcome<E> | undefined;
  #lastReadTime: number | undefined;
  #handled = 0;
  #skipped = 0;
  #retries = 0;

  /** @param partition - Id and error listener of the partition; `undefined` if the watcher has no partitions. */
  constructor(
    id: string,
    store: EventStore<E>,
    options: ResolvedWatchOptions<E>,
    now: () => number,
    partition?: PartitionIdentity,
  ) {
    this.#now = now;
    this.#partition = partition;
    this.log = new WatcherLog(partition?.id ?? id, store.internals.logger, options, now);
    this.#id = id;
    this.#store = store;
    this.#options = options;
    this.#next = options.initialEventIterator;
    const { initialEventIterator: initial } = options;
    this.#startPosition = initial.type === 'latest' ? Number.MAX_SAFE_INTEGER : seqNumBefore(initial);
  }

  started(position: number): void {
    this.hasStarted = true;
    this.log.started(position);
    this.tracker = undefined;
    this.#next = afterSequenceNumber(position);
    this.#startPosition = position;
    this.ackFloor = position;
    this.lastDeliveredSeqNum = position;
    this.awaited.reached(position);
  }

  /** Returns whether the last run has processed an event. With concurrency, earlier events can still be in flight. */
  isProcessed(seqNum: number): boolean {
    if (!this.hasStarted || this.ackFloor >= seqNum) return this.hasStarted;
    if (this.tracker === undefined) return false;
    // Without concurrency, an excluded event counts as processed only after all earlier events, which can still wait in a
    // batch.
    return this.#options.concurrency > 1 ? this.tracker.isProcessed(seqNum) : this.tracker.ackFloor >= seqNum;
  }

  /** Returns whether the ack floor has reached an event; `false` before the first start. The floor begins at the start position. */
  hasProcessedUpTo(seqNum: number): boolean {
    return this.hasStarted && this.ackFloor >= seqNum;
  }

  reading(): void {
    this.#lastReadTime = this.#now();
  }

  pageRead(next: EventIterator): void {
    this.#next = next;
  }

  delivered(seqNum: number): void {
    this.lastDeliveredSeqNum = Math.max(this.lastDeliveredSeqNum, seqNum);
    // The excluded events before this event count as processed now, so notify the calls that wait for them.
    this.awaited.reached(seqNum);
  }

  /** Records a failure that does not end the run. */
  failed(error: unknown): void {
    this.#setError(error);
    this.log.failure(error);
  }

  /** Records the failure that ended the run. */
  runFailed(error: unknown): void {
    this.#setError(error);
    this.log.failed(error);
  }

  #setError(error: unknown): void {
    this.lastError = asError(error);
    this.#partition?.onError(this.lastError);
  }

  retrying(): void {
    this.#retries++;
  }

  progressed(ackFloor: number, outcome?: Outcome<E>): void {
    this.ackFloor = ackFloor;
    if (outcome !== undefined) this.#settled(outcome);
    this.awaited.reached(Math.max(ackFloor, this.tracker?.lastSeqNum ?? 0));
  }

  #settled(outcome: Outcome<E>): void {
    this.#lastOutcome = outcome;
    if (outcome.status === 'handled') this.#handled++;
    else {
      this.#skipped++;
      this.log.givenUp(outcome);
    }
  }

  /**
   * Number after which events count for the lag: the checkpoint, or the start position if there is no checkpoint. For an
   * ephemeral watcher, the number is the ack floor, or the start position before the first run.
   */
  get position(): number {
    // Before the first run, the ack floor is 0.
    if (this.#options.ephemeral) return this.ackFloor || this.#startPosition;
    return this.checkpoints.stored ?? this.#startPosition;
  }

  /**
   * Emits the current lag. First reads the checkpoint, if another process may have moved it, and then the backlog after the
   * checkpoint.
   */
  readLag(): Observable<Lag> {
    return this.#readCheckpoint().pipe(
      switchMap(() => this.#store.internals.backlog(this.position)),
      map((backlog) => {
        this.#backlog = backlog;
        return this.#lag();
      }),
    );
  }

  #lag(): Lag {
    return lagOf(this.#backlog, this.position, this.#now());
  }

  /**
   * Reads the checkpoint if this process does not know the current one, and emits once. In standby, another process moves
   * the checkpoint. Before the first run, only the store has it.
   */
  #readCheckpoint(): Observable<unknown> {
    const isElsewhere = () =>
      this.#partition === undefined ? this.state === 'standby' : ELSEWHERE.has(this.state);
    const isUnknown = () => isElsewhere() || this.checkpoints.stored === undefined;
    if (this.#options.ephemeral || !isUnknown()) return of(undefined);
    return this.#store.getCheckpoint(this.#id).pipe(
      tap((checkpoint) => {
        // A run may have stored a newer checkpoint during the read.
        if (isUnknown()) this.checkpoints.stored = checkpoint;
      }),
    );
  }

  reported(): ReportedWatcher {
    const hasCheckpoint = !this.#options.ephemeral && this.checkpoints.stored !== undefined;
    return {
      id: this.#id,
      state: this.state,
      ...(!hasCheckpoint && { position: this.position }),
      ...lastErrorOf(this.lastError),
    };
  }

  stats(): WatcherStats {
    // If the engine reads asynchronously, only the next statistics contain the new values.
    this.readLag().pipe(onErrorResumeNextWith(EMPTY)).subscribe();
    const event = this.#lastOutcome?.event;
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
      ...this.#lag(),
      ...(this.lastError && { lastError: this.lastError }),
    };
  }
}
