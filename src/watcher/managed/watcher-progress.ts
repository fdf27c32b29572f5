import { EMPTY, type Observable, onErrorResumeNextWith } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../../event/event-iterator.ts';
import type { Outcome } from '../../handling/outcome.ts';
import type { EventStore } from '../../store/event-store.ts';
import { textOf } from '../../validation/format-value.ts';
import { CheckpointWriter } from '../run/checkpoint-writer.ts';
import type { ProgressTracker } from '../run/progress-tracker.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { WatcherLog } from '../watcher-log.ts';
import type { WatcherState, WatcherStats } from './watcher.ts';

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(textOf(error)));

const placeOf = (iterator: EventIterator): number => {
  if (iterator.type === 'after_sequence_number') return iterator.sequenceNumber;
  return iterator.type === 'at_sequence_number' ? Math.max(0, iterator.sequenceNumber - 1) : 0;
};

/** What is known of a watcher: kept as plain fields, made into stats when somebody asks. */
export class WatcherProgress<E extends Event = Event> {
  state: WatcherState = 'idle';
  /** Whether the run at hand has found the place where it begins. */
  hasBegun = false;
  /** What is under way, and what is done. */
  tracker: ProgressTracker | undefined;
  /** The last failure. */
  lastError: Error | undefined;
  /** Writes the checkpoint, and knows it. */
  readonly checkpoints = new CheckpointWriter();
  /** Reports what happens to it. */
  readonly log: WatcherLog;
  /** Everything up to here was passed: handled, skipped or left out. */
  passedThrough = 0;
  /** The last event that was handed to the handler. */
  handedThrough = 0;

  readonly #id: string;
  readonly #store: EventStore<E>;
  readonly #options: ResolvedWatchOptions<E>;
  readonly #now: () => number;
  #next: EventIterator;
  #beganAfter: number;
  #latest = 0;
  #lastOutcome: Outcome<E> | undefined;
  #lastListenTime: number | undefined;
  #handled = 0;
  #skipped = 0;
  #retries = 0;

  constructor(id: string, store: EventStore<E>, options: ResolvedWatchOptions<E>, now: () => number) {
    this.#now = now;
    this.log = new WatcherLog(id, store.internals.logger, now);
    this.#id = id;
    this.#store = store;
    this.#options = options;
    this.#next = options.initialEventIterator;
    this.#beganAfter = placeOf(options.initialEventIterator);
  }

  began(position: number): void {
    this.hasBegun = true;
    this.log.started(position);
    this.tracker = undefined;
    if (!this.#options.ephemeral) this.checkpoints.found(position);
    this.#next = afterSequenceNumber(position);
    this.#beganAfter = position;
    this.passedThrough = position;
    this.handedThrough = position;
  }

  /** Whether the run at hand, or the last one, has passed an event, be it out of order. */
  isDone(seqNum: number): boolean {
    return this.hasBegun && (this.passedThrough >= seqNum || (this.tracker?.isDone(seqNum) ?? false));
  }

  listening(): void {
    this.#lastListenTime = this.#now();
  }

  read(next: EventIterator): void {
    this.#next = next;
  }

  handed(through: number): void {
    this.handedThrough = Math.max(this.handedThrough, through);
  }

  /** Notes a failure that the run copes with. */
  failed(error: unknown): void {
    this.lastError = asError(error);
    this.log.failure(error);
  }

  /** Notes the failure that ended the run. */
  ended(error: unknown): void {
    this.lastError = asError(error);
    this.log.failed(error);
  }

  retrying(): void {
    this.#retries++;
  }

  passed(through: number, outcome?: Outcome<E>): void {
    this.passedThrough = through;
    if (outcome === undefined) return;
    this.#lastOutcome = outcome;
    if (outcome.status === 'handled') this.#handled++;
    else {
      this.#skipped++;
      this.log.givenUp(outcome);
    }
  }

  /** Known at once where the engine reads synchronously; otherwise as it was when somebody last asked. */
  #look(): void {
    const read = <T>(source: Observable<T>, keep: (value: T) => void) =>
      source.pipe(onErrorResumeNextWith(EMPTY)).subscribe(keep);
    read(this.#store.getLatestSeqNum(), (latest) => {
      this.#latest = latest;
    });
    // While it stands by, it is another that moves it.
    if (this.state !== 'standby' || this.#options.ephemeral) return;
    read(this.#store.getCheckpoint(this.#id), (checkpoint) => {
      this.checkpoints.stored = checkpoint;
    });
  }

  #lag(): number {
    const from = this.#options.ephemeral ? this.passedThrough : (this.checkpoints.stored ?? this.#beganAfter);
    return Math.max(0, this.#latest - from);
  }

  stats(): WatcherStats {
    this.#look();
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
      ...(this.#lastListenTime !== undefined && { lastListenTime: new Date(this.#lastListenTime) }),
      handled: this.#handled,
      skipped: this.#skipped,
      retries: this.#retries,
      lag: this.#lag(),
      lagTime: oldest === undefined ? 0 : Math.max(0, this.#now() - oldest.getTime()),
      ...(this.lastError && { lastError: this.lastError }),
    };
  }
}
