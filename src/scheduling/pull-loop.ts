import type { AsyncResource } from 'node:async_hooks';
import { Observable, type Observer, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import { ownContext } from './call-context.ts';
import { isValues, type PendingStep, type Step, type Work } from './step.ts';
import { subscribeCancellable } from './subscribe-cancellable.ts';
import { LoopTurns } from './time-slicer.ts';

/**
 * Pull loop of one subscriber. The object is also the observer of each step that is an Observable.
 *
 * The loop is a class, because each idle watcher keeps its loop in memory, and loops share the methods of a prototype, but
 * not closures.
 */
class PullLoop<T> implements Observer<T> {
  readonly #subscriber: Subscriber<T>;
  readonly #nextStep: () => Step<T>;
  readonly #turns: LoopTurns;
  readonly #context: AsyncResource = ownContext();
  #values: readonly T[] = [];
  #emitted = 0;
  #pending: PendingStep<T> | undefined;
  /** Work that the last pending step returned when it ended. The loop does this work next. */
  #following: Work<T> | undefined;
  #isRunning = false;
  /**
   * Whether the last step may have called a handler or a subscriber. A step that is an Observable and has emitted no value
   * counts as `false`.
   */
  #isAfterHandler = false;
  /** Subscription to the current step if the step is an Observable. */
  #step: Subscription | undefined;
  /** Whether the call that subscribes to the current step is still running. */
  #isSubscribing = false;
  #isTurn = true;
  readonly #resume = () => {
    this.#isTurn = true;
    this.#turns.restart();
    this.#continue();
  };

  constructor(
    subscriber: Subscriber<T>,
    begin: (subscriber: Subscriber<T>) => () => Step<T>,
    scheduler: SchedulerLike,
  ) {
    this.#subscriber = subscriber;
    this.#nextStep = begin(subscriber);
    this.#turns = new LoopTurns(scheduler);
    subscriber.add(() => this.#cancel());
  }

  #cancel(): void {
    this.#step?.unsubscribe();
    this.#turns.cancel(this.#resume);
    this.#pending?.unsubscribe();
  }

  next(value: T): void {
    if (this.#isSubscribing) this.#emit(value);
    else this.#context.runInAsyncScope(this.#emit, this, value);
  }

  error(error: unknown): void {
    if (this.#isSubscribing) this.#subscriber.error(error);
    else this.#context.runInAsyncScope(this.#subscriber.error, this.#subscriber, error);
  }

  complete(): void {
    this.#step = undefined;
    if (this.#isSubscribing) return;
    this.#turns.restart();
    this.#continue();
  }

  #emit(value: T): void {
    this.#isAfterHandler = true;
    this.#subscriber.next(value);
  }

  /** Subscribes to a step. Returns whether the step has already ended. */
  #runToEnd(source: Observable<T>): boolean {
    this.#isSubscribing = true;
    subscribeCancellable(source, this, (step) => {
      this.#step = step;
    });
    this.#isSubscribing = false;
    return this.#step === undefined;
  }

  #onPendingEnd(next: Work<T>): void {
    this.#pending = undefined;
    this.#following = next;
    if (this.#isRunning) return;
    this.#turns.restartAfterHandler();
    this.#continue();
  }

  /** Waits for the end of a pending step. Returns whether the step has already ended. */
  #awaitEnd(step: PendingStep<T>): boolean {
    // The function that returned the step may have unsubscribed from the loop. In that case, `#cancel` ran before this step
    // was known, so cancel the step here.
    if (this.#subscriber.closed) step.unsubscribe();
    else {
      this.#pending = step;
      step.whenEnded((next) => this.#onPendingEnd(next));
    }
    return this.#pending === undefined;
  }

  /**
   * Requests a step if all values of the previous step are emitted. Emits one value of the step, if it has values. Returns
   * whether the loop can continue.
   */
  #advance(): boolean {
    if (this.#emitted === this.#values.length) {
      const step = this.#following ?? this.#nextStep();
      this.#following = undefined;
      if (step === undefined) {
        this.#subscriber.complete();
        return false;
      }
      this.#isAfterHandler = !(step instanceof Observable);
      if (step instanceof Observable) return this.#runToEnd(step);
      if (!isValues(step)) return this.#awaitEnd(step);
      this.#values = step;
      this.#emitted = 0;
    }
    if (this.#emitted < this.#values.length) this.#subscriber.next(this.#values[this.#emitted++] as T);
    return true;
  }

  /** Returns whether the loop can continue now. If not, it resumes in a later turn of the event loop. */
  #hasTurn(): boolean {
    if (!this.#turns.shouldYield(this.#isAfterHandler)) return true;
    this.#isTurn = false;
    this.#turns.resumeLater(this.#resume);
    // A synchronous scheduler has already called `#resume`, which sets `#isTurn`.
    return this.#isTurn;
  }

  #continue(): void {
    this.#context.runInAsyncScope(this.run, this);
  }

  /** Runs steps until the loop must wait. */
  run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (!this.#subscriber.closed && this.#hasTurn() && this.#advance());
    } catch (error) {
      this.#subscriber.error(error);
    } finally {
      this.#isRunning = false;
    }
  }
}

/**
 * Runs steps sequentially. The loop requests a step only when the previous one has ended, which gives backpressure.
 *
 * Unlike `repeat`, `expand` and `concatMap`, the loop neither queues values nor recurses if the source is synchronous. It
 * stops in the middle of a step when its subscriber unsubscribes, and regularly yields to the event loop. Asynchronous
 * steps emit in the asynchronous context of the subscriber.
 *
 * @param begin - Called at subscription with the subscriber, to which concurrent work can emit. Returns the function that
 *   returns the next step. If either function throws, the loop errors.
 * @param scheduler - Provides the clock of the time slices and the pauses between them.
 * @example
 * // Counts down without a deep stack, a queue or a blocked event loop.
 * pullLoop(() => { let n = 1_000_000; return () => (n > 0 ? [n--] : undefined); }, asyncScheduler)
 */
export const pullLoop = <T>(
  begin: (subscriber: Subscriber<T>) => () => Step<T>,
  scheduler: SchedulerLike,
): Observable<T> => new Observable((subscriber) => new PullLoop(subscriber, begin, scheduler).run());
