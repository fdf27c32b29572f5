import { AsyncLocalStorage } from 'node:async_hooks';
import {
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
import type { HandlingListener, InFlight } from '../../handling/handling-context.ts';
import { ownContext } from '../../scheduling/call-context.ts';
import { Latch } from '../../scheduling/latch.ts';
import type { HandlerSlots } from '../partitions/handler-slots.ts';

/** Attempt of the handler that runs in the current asynchronous context. */
const currentAttempt = new AsyncLocalStorage<InFlight>();

/**
 * Runs and redrives for which a handler waits, by the attempt in flight that has called the handler. For example, a handler
 * stops another watcher, and waits for the end of its run.
 */
const waits = new Map<InFlight, Set<Activity>>();

/** Waits until `settled` is settled. If a handler makes the call, records in `waits` that its attempt waits. */
async function waitFor<T>(activity: Activity, settled: Promise<T>): Promise<T> {
  const attempt = currentAttempt.getStore();
  if (attempt === undefined) return settled;
  const activities = waits.get(attempt) ?? new Set();
  waits.set(attempt, activities.add(activity));
  try {
    return await settled;
  } finally {
    activities.delete(activity);
    if (activities.size === 0) waits.delete(attempt);
  }
}

/**
 * Period in which a watcher's handler is called: a run or a redrive. After a call of `stop`, the activity ends when the
 * attempts in flight have ended.
 */
export class Activity implements HandlingListener {
  readonly #watcherId: string;
  readonly #scheduler: SchedulerLike;
  readonly #slots: HandlerSlots | undefined;
  readonly #stop = new Latch();
  readonly #ended = new Latch();
  readonly #attempts = new Set<InFlight>();
  /** Emits when no attempt is in flight. Created at the first call of `settled`. */
  #settled$: Subject<void> | undefined;
  /**
   * Asynchronous context of the caller that began the activity. The handler is called in this context, and not in the
   * context of the caller that stores an event.
   */
  readonly #context = ownContext();

  /** Emits and completes when `stop` is called; at the subscription if `stop` was called before. */
  get stop$(): Observable<void> {
    return this.#stop.set$;
  }

  /** @param slots - Slots that the attempts occupy; `undefined` if the watcher has no partitions. */
  constructor(watcherId: string, scheduler: SchedulerLike, slots?: HandlerSlots) {
    this.#watcherId = watcherId;
    this.#scheduler = scheduler;
    this.#slots = slots;
  }

  /**
   * Whether the caller would deadlock if it waited for this activity. This is the case if the caller is a handler of this
   * activity. It is also the case if a handler of this activity waits for the activity of the caller. For example, the
   * handler of each of two watchers stops the other watcher.
   */
  get isCaller(): boolean {
    const attempt = currentAttempt.getStore();
    return attempt !== undefined && this.#isWaitingFor(attempt, new Set());
  }

  #isWaitingFor(attempt: InFlight, visited: Set<Activity>): boolean {
    if (this.#attempts.has(attempt)) return true;
    visited.add(this);
    for (const own of this.#attempts) {
      for (const next of waits.get(own) ?? []) {
        if (!visited.has(next) && next.#isWaitingFor(attempt, visited)) return true;
      }
    }
    return false;
  }

  /** Whether `stop` was called: no further attempt may begin. */
  get isStopping(): boolean {
    return this.#stop.isSet;
  }

  /** Requests the end of the activity after the attempts in flight. */
  stop(): void {
    this.#stop.set();
  }

  /** Marks the activity as ended, which resolves the Promises of `ended` and `endedWithin`. */
  end(): void {
    this.#ended.set();
  }

  /** Resolves when the activity has ended, without a time limit. */
  ended(): Promise<void> {
    return firstValueFrom(this.#ended.set$);
  }

  /**
   * Resolves when the activity has ended.
   *
   * @param timeout - Maximum wait, in milliseconds. After this time, the attempts in flight are aborted.
   * @throws {@link TimeoutError} if the activity has not ended within `timeout`.
   */
  endedWithin(timeout: number): Promise<void> {
    const late = timeout === Number.POSITIVE_INFINITY ? NEVER : timer(timeout, this.#scheduler);
    const tooLate = () =>
      throwError(() => new TimeoutError(`the stop of watcher '${this.#watcherId}'`, timeout));
    const abort = () => {
      for (const attempt of this.#attempts) attempt.abort();
    };
    // Abort only after the timeout has won the race. An activity that ends because of the abort has not ended in time, so it
    // must not win.
    const ended$ = race(this.#ended.set$, late.pipe(switchMap(tooLate))).pipe(tap({ error: abort }));
    return waitFor(this, firstValueFrom(ended$));
  }

  /** Resolves when no attempt is in flight or the activity has ended. */
  async settled(): Promise<void> {
    if (this.#attempts.size === 0) return;
    this.#settled$ ??= new Subject();
    await waitFor(this, firstValueFrom(race(this.#settled$, this.#ended.set$)));
  }

  inside<A extends InFlight>(attempt: A, work: (attempt: A) => void): void {
    this.#context.runInAsyncScope(currentAttempt.run<void, [A]>, currentAttempt, attempt, work, attempt);
  }

  attemptStarted(attempt: InFlight, _lastSeqNum: number): void {
    this.#attempts.add(attempt);
    this.#slots?.enter();
  }

  attemptEnded(attempt: InFlight): void {
    this.#attempts.delete(attempt);
    if (this.#attempts.size === 0) this.#settled$?.next();
    this.#slots?.leave();
  }

  cutOff(_attempt: InFlight): void {}

  failed(_error: unknown): void {}

  retrying(): void {}
}
