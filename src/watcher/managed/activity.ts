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
import { TimeoutError } from '../../errors.ts';
import type { HandlerContext } from '../../handling/handler.ts';
import type { HandlingListener, InFlight } from '../../handling/handling-context.ts';
import { ownContext } from '../../scheduling/call-context.ts';
import { Latch } from '../../scheduling/latch.ts';

const inside = new AsyncLocalStorage<InFlight>();

/** What attempts in flight wait for, by calls that were made from inside them. */
const waits = new Map<InFlight, Set<Activity>>();

/** Waits for an activity, and notes that the attempt from inside which this is called does. */
async function waitFor<T>(activity: Activity, settled: Promise<T>): Promise<T> {
  const attempt = inside.getStore();
  if (attempt === undefined) return settled;
  const mine = waits.get(attempt) ?? new Set();
  waits.set(attempt, mine.add(activity));
  try {
    return await settled;
  } finally {
    mine.delete(activity);
    if (mine.size === 0) waits.delete(attempt);
  }
}

/** Something that calls a watcher's handler, a run or a redrive: it ends after the attempts in flight when it is told to. */
export class Activity implements HandlingListener {
  readonly #watcherId: string;
  readonly #scheduler: SchedulerLike;
  readonly #stop = new Latch();
  readonly #ended$ = new AsyncSubject<void>();
  readonly #attempts = new Set<InFlight>();
  readonly #quiet$ = new Subject<void>();
  /** Context of the caller that began the activity, not of the one that stores an event. */
  readonly #context = ownContext();

  /** Emits and completes when the activity must end; at once, if it must. */
  readonly stop$: Observable<void> = this.#stop.set$;

  constructor(watcherId: string, scheduler: SchedulerLike) {
    this.#watcherId = watcherId;
    this.#scheduler = scheduler;
  }

  /** Whether the calling code runs inside an attempt that this activity waits for: its own, or one that its own wait for. */
  get isCaller(): boolean {
    const attempt = inside.getStore();
    return attempt !== undefined && this.#isWaitingFor(attempt, new Set());
  }

  #isWaitingFor(attempt: InFlight, seen: Set<Activity>): boolean {
    if (this.#attempts.has(attempt)) return true;
    seen.add(this);
    for (const own of this.#attempts) {
      for (const next of waits.get(own) ?? []) {
        if (!seen.has(next) && next.#isWaitingFor(attempt, seen)) return true;
      }
    }
    return false;
  }

  /** Whether no further attempt may begin. */
  get isStopping(): boolean {
    return this.#stop.isSet;
  }

  /** Has the activity end after the attempts in flight. */
  stop(): void {
    this.#stop.set();
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
    const ended$ = race(this.#ended$, late.pipe(switchMap(tooLate))).pipe(tap({ error: abort }));
    return waitFor(this, firstValueFrom(ended$));
  }

  /** Resolves when no attempt is in flight. */
  async quiet(): Promise<void> {
    if (this.#attempts.size > 0) await waitFor(this, firstValueFrom(race(this.#quiet$, this.#ended$)));
  }

  inside<A, R>(attempt: InFlight, call: (argument: A, context: HandlerContext) => R, argument: A): R {
    return this.#context.runInAsyncScope(
      inside.run<R, [A, HandlerContext]>,
      inside,
      attempt,
      call,
      argument,
      attempt,
    );
  }

  attemptStarted(attempt: InFlight, _through: number): void {
    this.#attempts.add(attempt);
  }

  attemptEnded(attempt: InFlight): void {
    this.#attempts.delete(attempt);
    if (this.#attempts.size === 0) this.#quiet$.next();
  }

  cutOff(_attempt: InFlight): void {}

  failed(_error: unknown): void {}

  retrying(): void {}
}
