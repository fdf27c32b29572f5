import {
  AsyncSubject,
  asyncScheduler,
  firstValueFrom,
  map,
  NEVER,
  race,
  type SchedulerLike,
  timer,
} from 'rxjs';
import { TimeoutError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import { createSignal } from '../flow/signal.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Attempt } from './attempt.ts';
import type { EventHandler } from './event-handler.ts';
import type { Outcome } from './outcome.ts';
import type { Passed, RunMonitor } from './run-context.ts';
import { runWatcher } from './watch.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';
import type { WatcherRecord } from './watcher-record.ts';

/** What a run is made of, and whom it tells. */
export interface RunParts<E extends Event> {
  /** The watcher. */
  readonly watcherId: string;
  /** Where events and checkpoints are. */
  readonly store: EventStore<E>;
  /** How it is to run. */
  readonly options: ResolvedWatchOptions<E>;
  /** Handles the events. */
  readonly handler: EventHandler<E>;
  /** Where to begin whatever the checkpoint says. */
  readonly startAt: EventIterator | undefined;
  /** Keeps what becomes known. */
  readonly record: WatcherRecord<E>;
  /** Something changed. */
  readonly onChange: () => void;
  /** An event was handled or given up. */
  readonly onOutcome: (outcome: Outcome<E>) => void;
  /** It has ended, well or with this error. */
  readonly onEnd: (error?: unknown) => void;
}

/** One run of a watcher, from a start to the end that follows. */
export class WatcherRun<E extends Event = Event> implements RunMonitor<E> {
  /** Whether the watcher was sent elsewhere meanwhile. */
  isSuperseded = false;

  readonly #parts: RunParts<E>;
  readonly #scheduler: SchedulerLike;
  readonly #stop = createSignal();
  readonly #ended$ = new AsyncSubject<void>();
  #attempt: Attempt | undefined;

  constructor(parts: RunParts<E>) {
    this.#parts = parts;
    this.#scheduler = parts.options.scheduler ?? parts.store.scheduler ?? asyncScheduler;
  }

  /** Whether the code that asks was called from inside the attempt in flight. */
  get isCaller(): boolean {
    return this.#attempt?.isCaller ?? false;
  }

  start(): void {
    const { onOutcome, onEnd } = this.#parts;
    const end = (error?: unknown) => {
      this.#ended$.next();
      this.#ended$.complete();
      onEnd(error);
    };
    const context = { ...this.#parts, scheduler: this.#scheduler, monitor: this };
    runWatcher<E>({ ...context, isSuperseded: () => this.isSuperseded }, this.#stop.given$).subscribe({
      next: onOutcome,
      error: end,
      complete: end,
    });
  }

  /** Has it end behind the attempt in flight. */
  stop(): void {
    this.#stop.give();
  }

  /** Resolves when it has ended. */
  ended(): Promise<void> {
    return firstValueFrom(this.#ended$);
  }

  /** The same, up to a time; then it aborts the attempt in flight and rejects with a `TimeoutError`. */
  endedWithin(timeout: number): Promise<void> {
    const late = timeout === Number.POSITIVE_INFINITY ? NEVER : timer(timeout, this.#scheduler);
    const abort = () => {
      this.#attempt?.abort();
      throw new TimeoutError(`the stop of watcher '${this.#parts.watcherId}'`, timeout);
    };
    return firstValueFrom(race(this.#ended$, late.pipe(map(abort))));
  }

  began(from: EventIterator, checkpoint: number | undefined): void {
    this.#parts.record.began(from, checkpoint);
    this.#parts.onChange();
  }

  listening(): void {
    this.#parts.record.listening(this.#scheduler.now());
    this.#parts.onChange();
  }

  read(next: EventIterator, first: E | undefined): void {
    this.#parts.record.read(next, first);
    this.#parts.onChange();
  }

  attempting(attempt: Attempt, event: E): void {
    this.#attempt = attempt;
    this.#parts.record.handedThrough = event.seqNum;
  }

  retrying(): void {
    this.#parts.record.retrying();
    this.#parts.onChange();
  }

  settled(): void {
    this.#attempt = undefined;
  }

  failed(error: unknown): void {
    this.#parts.record.failed(error);
    this.#parts.onChange();
  }

  passed(progress: Outcome<E> | Passed): void {
    this.#parts.record.passed(progress);
    this.#parts.onChange();
  }

  checkpointing(seqNum: number): void {
    this.#parts.record.checkpointAsked = seqNum;
  }

  checkpointed(seqNum: number): void {
    this.#parts.record.checkpoint = seqNum;
    this.#parts.onChange();
  }
}
