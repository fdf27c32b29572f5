import { AsyncLocalStorage } from 'node:async_hooks';
import {
  AsyncSubject,
  BehaviorSubject,
  defer,
  firstValueFrom,
  ignoreElements,
  merge,
  NEVER,
  type Observable,
  race,
  Subject,
  switchMap,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { TimeoutError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import { Signal } from '../flow/signal.ts';
import { Valve } from '../flow/valve.ts';
import type { HandlerContext } from '../handling/event-handler.ts';
import type { InFlight } from '../handling/handling-monitor.ts';
import type { Outcome } from '../handling/outcome.ts';
import type { Leasing, Right } from './leasing.ts';
import type { Prefix } from './prefix.ts';
import type { RunMonitor } from './run-context.ts';
import { type RunParts, runWatcher } from './watch.ts';
import type { WatcherRecord } from './watcher-record.ts';
import type { Change } from './watcher-views.ts';

/** What a run of a managed watcher is given, and whom it tells. */
export interface ManagedRunParts<E extends Event>
  extends Omit<RunParts<E>, 'store' | 'monitor' | 'isEntitled' | 'isSuperseded' | 'valve' | 'checkpoints'> {
  /** Says when it may run. */
  readonly leasing: Leasing<E>;
  /** Emits and completes when the store is closed. */
  readonly closed$: Observable<unknown>;
  /** Keeps what becomes known. */
  readonly record: WatcherRecord<E>;
  /** Something changed. */
  readonly onChange: (change: Change) => void;
  /** An event was handled or given up. */
  readonly onOutcome: (outcome: Outcome<E>) => void;
  /** It has ended, well or with this error. */
  readonly onEnd: (error?: unknown) => void;
}

const inside = new AsyncLocalStorage<InFlight>();

/** One run of a watcher, from a start to the end that follows. */
export class WatcherRun<E extends Event = Event> implements RunMonitor<E> {
  /** Whether the watcher was sent elsewhere meanwhile. */
  isSuperseded = false;
  /** Shut while it is paused. */
  readonly valve = new Valve();
  /** Whether it has the right to run, or stands by: the present value first. */
  readonly isActive$: BehaviorSubject<boolean>;

  readonly #parts: ManagedRunParts<E>;
  readonly #stop = new Signal();
  readonly #ended$ = new AsyncSubject<void>();
  readonly #attempts = new Set<InFlight>();
  readonly #quiet$ = new Subject<void>();

  constructor(parts: ManagedRunParts<E>) {
    this.#parts = parts;
    this.isActive$ = new BehaviorSubject(!parts.leasing.isShared);
  }

  /** Whether the code that asks was called, at however many removes, from inside an attempt in flight. */
  get isCaller(): boolean {
    const attempt = inside.getStore();
    return attempt !== undefined && this.#attempts.has(attempt);
  }

  start(): void {
    const { leasing, closed$, onOutcome, onEnd } = this.#parts;
    const end = (error?: unknown) => {
      this.#ended$.next();
      this.#ended$.complete();
      onEnd(error);
    };
    const { valve } = this;
    const stop$ = this.#stop.given$;
    const { checkpoints } = this.#parts.record;
    const parts = {
      valve,
      monitor: this,
      isSuperseded: () => this.isSuperseded,
      checkpoints,
      ...this.#parts,
    };
    const run = ({ store, isValid }: Right<E>) => {
      this.isActive$.next(true);
      return runWatcher<E>({ store, isEntitled: isValid, ...parts }, stop$);
    };
    const waiting = defer(() => {
      this.isActive$.next(false);
      valve.open('pauseWhen');
      return merge(stop$, closed$).pipe(take(1), ignoreElements());
    });
    leasing.whenever(waiting, run).subscribe({ next: onOutcome, error: end, complete: end });
  }

  /** Has it end behind the attempts in flight. */
  stop(): void {
    this.#stop.give();
  }

  /** Resolves when it has ended. */
  ended(): Promise<void> {
    return firstValueFrom(this.#ended$);
  }

  /** The same, up to a time; then it aborts the attempts in flight and rejects with a `TimeoutError`. */
  endedWithin(timeout: number): Promise<void> {
    const { scheduler, watcherId } = this.#parts;
    const late = timeout === Number.POSITIVE_INFINITY ? NEVER : timer(timeout, scheduler);
    const tooLate = () => throwError(() => new TimeoutError(`the stop of watcher '${watcherId}'`, timeout));
    const abort = () => {
      for (const attempt of this.#attempts) attempt.abort();
    };
    // It is too late before anything is aborted: what ends because of that has not ended in time.
    return firstValueFrom(race(this.#ended$, late.pipe(switchMap(tooLate))).pipe(tap({ error: abort })));
  }

  began(position: number): void {
    this.#parts.record.began(position);
    this.#parts.onChange('place');
  }

  following(prefix: Prefix): void {
    this.#parts.record.prefix = prefix;
  }

  listening(): void {
    this.#parts.record.listening();
    this.#parts.onChange('place');
  }

  read(next: EventIterator): void {
    this.#parts.record.read(next);
    this.#parts.onChange('place');
  }

  inside<A, R>(attempt: InFlight, call: (argument: A, context: HandlerContext) => R, argument: A): R {
    return inside.run(attempt, call, argument, attempt);
  }

  attempting(attempt: InFlight, through: number): void {
    this.#attempts.add(attempt);
    this.#parts.record.handed(through);
    // What the filter left out before it is done by now.
    this.#parts.onChange('count');
  }

  retrying(): void {
    this.#parts.record.retrying();
    this.#parts.onChange('count');
  }

  settled(attempt: InFlight): void {
    this.#attempts.delete(attempt);
    if (this.#attempts.size === 0) this.#quiet$.next();
  }

  /** Resolves when no attempt is in flight. */
  async quiet(): Promise<void> {
    if (this.#attempts.size > 0) await firstValueFrom(race(this.#quiet$, this.#ended$));
  }

  failed(error: unknown): void {
    this.#parts.record.failed(error);
    this.#parts.onChange('count');
  }

  passed(through: number, outcome?: Outcome<E>): void {
    this.#parts.record.passed(through, outcome);
    this.#parts.onChange('place');
  }

  checkpointed(): void {
    this.#parts.onChange('count');
  }
}
