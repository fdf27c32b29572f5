import { firstValueFrom, ReplaySubject, Subject, skip } from 'rxjs';
import type { Event, EventHandler, HandlerContext } from '../../../index.ts';

/** Attempt that the test ends. */
export interface ManualAttempt {
  readonly event: Event;
  readonly context: HandlerContext;
  finish(): void;
  fail(error: unknown): void;
}

/**
 * Handler with attempts that end only when the test calls `finish` or `fail`. The test can end concurrent attempts in any
 * order.
 */
export class ManualHandler {
  /** Sequence numbers of the delivered events, one for each attempt. An event that is retried is listed again. */
  readonly seqNums: number[] = [];
  /** Context of each attempt, in the order of `seqNums`. */
  readonly contexts: HandlerContext[] = [];

  readonly #attempts$ = new ReplaySubject<ManualAttempt>();
  readonly #inFlight = new Map<number, ManualAttempt>();

  readonly handler: EventHandler = (event, context) => {
    const end$ = new Subject<never>();
    // Remove the attempt before it ends, because its end can start the next attempt synchronously.
    const take = () => void this.#inFlight.delete(event.seqNum);
    const attempt: ManualAttempt = {
      event,
      context,
      finish() {
        take();
        end$.complete();
      },
      fail(error) {
        take();
        end$.error(error);
      },
    };
    this.seqNums.push(event.seqNum);
    this.contexts.push(context);
    this.#inFlight.set(event.seqNum, attempt);
    this.#attempts$.next(attempt);
    return end$;
  };

  /**
   * Resolves to an attempt when it has begun. A test must wait for the attempt, because an engine can read asynchronously.
   *
   * @param n - Number of the attempt among all attempts of the handler, from 1.
   */
  attempt(n: number): Promise<ManualAttempt> {
    return firstValueFrom(this.#attempts$.pipe(skip(n - 1)));
  }

  /** Waits for the attempts `first` to `last`, one after the other, and completes them. */
  async finishAttempts(first: number, last = first): Promise<void> {
    for (let n = first; n <= last; n++) (await this.attempt(n)).finish();
  }

  /** Sequence numbers of the events in flight, in the order in which their attempts began. */
  get inFlight(): readonly number[] {
    return [...this.#inFlight.keys()];
  }

  get isBusy(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Sequence numbers of the events for which the signal of the last attempt is aborted. */
  get aborted(): readonly number[] {
    const last = new Map(this.seqNums.map((seqNum, index) => [seqNum, this.contexts[index]]));
    return [...last].filter(([, context]) => context?.signal.aborted).map(([seqNum]) => seqNum);
  }

  /**
   * Completes the attempts in flight at these events. Without arguments, completes the only attempt in flight, and throws
   * if there is not exactly one.
   */
  finish(...seqNums: readonly number[]): void {
    if (seqNums.length === 0) this.#only().finish();
    for (const seqNum of seqNums) this.#at(seqNum).finish();
  }

  /**
   * Fails the attempt in flight at an event. Without `seqNum`, fails the only attempt in flight, and throws if there is not
   * exactly one.
   */
  fail(error: unknown, seqNum?: number): void {
    (seqNum === undefined ? this.#only() : this.#at(seqNum)).fail(error);
  }

  #at(seqNum: number): ManualAttempt {
    const attempt = this.#inFlight.get(seqNum);
    if (attempt === undefined) throw new Error(`no attempt at ${seqNum} is in flight`);
    return attempt;
  }

  #only(): ManualAttempt {
    const [attempt, ...others] = this.#inFlight.values();
    if (attempt === undefined || others.length > 0)
      throw new Error(`one attempt must be in flight; in flight: [${this.inFlight}]`);
    return attempt;
  }
}
