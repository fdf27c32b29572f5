import { firstValueFrom, ReplaySubject, Subject, skip } from 'rxjs';
import type { Event, EventHandler, HandlerContext } from '../../../index.ts';

/** Call of a handler that the test ends. */
export interface HandlerCall {
  readonly event: Event;
  readonly context: HandlerContext;
  finish(): void;
  fail(error: unknown): void;
}

/** Handler with attempts that the test ends. The test waits for each attempt, because an engine can read asynchronously. */
export class ByHand {
  /** Sequence numbers of the delivered events, one for each attempt. */
  readonly seqNums: number[] = [];

  readonly #attempts$ = new ReplaySubject<HandlerCall>();

  readonly handler: EventHandler = (event, context) => {
    const end$ = new Subject<never>();
    this.seqNums.push(event.seqNum);
    this.#attempts$.next({
      event,
      context,
      finish: () => end$.complete(),
      fail: (error) => end$.error(error),
    });
    return end$;
  };

  /**
   * Waits for an attempt.
   *
   * @param n - Number of the attempt among all attempts of the handler, from 1.
   */
  attempt(n: number): Promise<HandlerCall> {
    return firstValueFrom(this.#attempts$.pipe(skip(n - 1)));
  }

  /** Waits for the attempts `first` to `last`, one after the other, and completes them. */
  async finish(first: number, last = first): Promise<void> {
    for (let n = first; n <= last; n++) (await this.attempt(n)).finish();
  }
}
