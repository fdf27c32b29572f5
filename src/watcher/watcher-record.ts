import { EMPTY, onErrorResumeNextWith } from 'rxjs';
import type { Event } from '../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../event/event-iterator.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Outcome } from './outcome.ts';
import type { Passed } from './run-context.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';
import type { WatcherState, WatcherStats } from './watcher-stats.ts';

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const placeOf = (iterator: EventIterator): number => {
  if (iterator.type === 'after_sequence_number') return iterator.sequenceNumber;
  return iterator.type === 'at_sequence_number' ? Math.max(0, iterator.sequenceNumber - 1) : 0;
};

/** What is known of a watcher: kept as plain fields, made into stats when somebody asks. */
export class WatcherRecord<E extends Event = Event> {
  state: WatcherState = 'idle';
  /** The checkpoint as far as it is known: found at the start, or stored since. */
  checkpoint: number | undefined;
  /** The checkpoint that was asked to be stored last, whether it is stored by now or not. */
  checkpointAsked = 0;
  /** The last event that was passed: handled, skipped or left out. */
  passedThrough = 0;
  /** The last event that was handed to the handler. */
  handedThrough = 0;

  readonly #id: string;
  readonly #store: EventStore<E>;
  readonly #options: ResolvedWatchOptions<E>;
  #next: EventIterator;
  #beganAfter: number;
  #latest = 0;
  #lastOutcome: Outcome<E> | undefined;
  #lastListenTime: number | undefined;
  #lastError: Error | undefined;
  #handled = 0;
  #skipped = 0;
  #retries = 0;

  constructor(id: string, store: EventStore<E>, options: ResolvedWatchOptions<E>) {
    this.#id = id;
    this.#store = store;
    this.#options = options;
    this.#next = options.initialEventIterator;
    this.#beganAfter = placeOf(options.initialEventIterator);
  }

  began(from: EventIterator, checkpoint: number | undefined): void {
    this.checkpoint = checkpoint;
    this.#next = from;
    this.#beganAfter = placeOf(from);
    this.passedThrough = this.#beganAfter;
    this.handedThrough = this.#beganAfter;
    this.checkpointAsked = checkpoint ?? 0;
  }

  listening(now: number): void {
    this.#lastListenTime = now;
  }

  read(next: EventIterator, first: E | undefined): void {
    // Where the oldest event was is known only now.
    if (this.#next.type === 'trim_horizon') this.#beganAfter = first ? first.seqNum - 1 : placeOf(next);
    this.#next = next;
  }

  failed(error: unknown): void {
    this.#lastError = asError(error);
  }

  retrying(): void {
    this.#retries++;
  }

  passed(progress: Outcome<E> | Passed): void {
    this.passedThrough = progress.seqNum;
    if (progress.status === 'passed') return;
    this.#lastOutcome = progress;
    if (progress.status === 'handled') this.#handled++;
    else this.#skipped++;
  }

  #lag(): number {
    this.#store
      .getLatestSeqNum()
      .pipe(onErrorResumeNextWith(EMPTY))
      .subscribe((latest) => {
        this.#latest = latest;
      });
    const from = this.#options.ephemeral ? this.passedThrough : (this.checkpoint ?? this.#beganAfter);
    return Math.max(0, this.#latest - from);
  }

  stats(): WatcherStats {
    const event = this.#lastOutcome?.event;
    return {
      id: this.#id,
      state: this.state,
      nextEventIterator: this.#next,
      checkpointIterator:
        this.checkpoint === undefined
          ? this.#options.initialEventIterator
          : afterSequenceNumber(this.checkpoint),
      lastProcessedSeqNum: this.#lastOutcome?.seqNum ?? 0,
      ...(event && { lastProcessedEventTime: event.timestamp }),
      ...(this.#lastListenTime !== undefined && { lastListenTime: new Date(this.#lastListenTime) }),
      handled: this.#handled,
      skipped: this.#skipped,
      retries: this.#retries,
      lag: this.#lag(),
      ...(this.#lastError && { lastError: this.#lastError }),
    };
  }
}
