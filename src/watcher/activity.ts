import { AsyncLocalStorage } from 'node:async_hooks';
import {
  AsyncSubject,
  firstValueFrom,
  NEVER,
  type Observable,
  race,
  type SchedulerLike,
  Subject,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { TimeoutError } from '../errors.ts';
import { Signal } from '../flow/signal.ts';
import type { HandlerContext } from '../handling/event-handler.ts';
import type { HandlingMonitor, InFlight } from '../handling/handling-monitor.ts';

const inside = new AsyncLocalStorage<InFlight>();

/** Something that calls a watcher's handler, a run or a redrive: it ends after the attempts in flight when it is told to. */
export class Activity implements HandlingMonitor {
  readonly #watcherId: string;
  readonly #scheduler: SchedulerLike;
  readonly #stop = new Signal();
  readonly #ended$ = new AsyncSubject<void>();
  readonly #attempts = new Set<InFlight>();
  readonly #quiet$ = new Subject<void>();

  /** Emits and completes when the activity must end; at once, if it must. */
  readonly stop$: Observable<void> = this.#stop.given$;

  constructor(watcherId: string, scheduler: SchedulerLike) {
    this.#watcherId = watcherId;
    this.#scheduler = scheduler;
  }

  /** Whether the calling code runs inside one of the attempts in flight, however deep. */
  get isCaller(): boolean {
    const attempt = inside.getStore();
    return attempt !== undefined && this.#attempts.has(attempt);
  }

  /** Whether no further attempt may begin. */
  get isStopping(): boolean {
    return this.#stop.isGiven;
  }

  /** Has the activity end after the attempts in flight. */
  stop(): void {
    this.#stop.give();
  }

  /** Marks the activity as ended. */
  end(): void {
    this.#ended$.next();
    this.#ended$.complete();
  }

  /** Resolves when the activity has ended. */
  ended(): Promise<void> {
    return firstValueFrom(this.#ended$);
  }

  /**
   * Resolves when the activity has ended.
   *
   * @param timeout - In milliseconds; after it the attempts in flight are aborted.
   * @throws {@link TimeoutError} if it has not ended by then.
   */
  endedWithin(timeout: number): Promise<void> {
    const late = timeout === Number.POSITIVE_INFINITY ? NEVER : timer(timeout, this.#scheduler);
    const tooLate = () =>
      throwError(() => new TimeoutError(`the stop of watcher '${this.#watcherId}'`, timeout));
    const abort = () => {
      for (const attempt of this.#attempts) attempt.abort();
    };
    // It is too late before anything is aborted: what ends because of that has not ended in time.
    return firstValueFrom(race(this.#ended$, late.pipe(switchMap(tooLate))).pipe(tap({ error: abort })));
  }

  /** Resolves when no attempt is in flight. */
  async quiet(): Promise<void> {
    if (this.#attempts.size > 0) await firstValueFrom(race(this.#quiet$, this.#ended$));
  }

  inside<A, R>(attempt: InFlight, call: (argument: A, context: HandlerContext) => R, argument: A): R {
    return inside.run(attempt, call, argument, attempt);
  }

  attempting(attempt: InFlight, _through: number): void {
    this.#attempts.add(attempt);
  }

  settled(attempt: InFlight): void {
    this.#attempts.delete(attempt);
    if (this.#attempts.size === 0) this.#quiet$.next();
  }

  cutOff(_attempt: InFlight): void {}

  failed(_error: unknown): void {}

  retrying(): void {}
}
