import { Observable, type ObservableInput, type Subscription } from 'rxjs';
import { observableFrom } from '../scheduling/observable-from.ts';
import type { HandlerContext } from './handler.ts';
import type { HandlingListener, InFlight } from './handling-context.ts';
import { isObservableInput } from './is-observable-input.ts';

const isPromiseLike = (value: unknown): boolean =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** A handler of one event or of several. */
export type Call<A> = (argument: A, context: HandlerContext) => unknown;

/** One call of a handler. */
export class Attempt implements InFlight {
  readonly watcherId: string;
  readonly attempt: number;
  readonly seqNum: number;
  readonly #listener: HandlingListener;
  #controller: AbortController | undefined;
  #aborted = false;
  #result: unknown;

  constructor(watcherId: string, seqNum: number, attempt: number, listener: HandlingListener) {
    this.watcherId = watcherId;
    this.seqNum = seqNum;
    this.attempt = attempt;
    this.#listener = listener;
  }

  /** Made when it is first asked for: most handlers never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Tells the handler that nobody waits for it any more. */
  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }

  /**
   * Calls the handler; `true` if it is done when it returns.
   *
   * @param through - The last event that it is given.
   * @throws What the handler throws.
   */
  call<A>(handler: Call<A>, argument: A, through: number): boolean {
    this.#listener.attemptStarted(this, through);
    let isDone = true;
    try {
      this.#result = this.#listener.inside(this, handler, argument);
      isDone = !isObservableInput(this.#result);
    } finally {
      // Before anybody hears of it: what follows, the next attempt above all, is no part of this one.
      if (isDone) this.#listener.attemptEnded(this);
    }
    return isDone;
  }

  /** What a handler that was done returned. */
  get result(): unknown {
    return this.#result;
  }

  /** Emits what the result of a handler does that was not done; unsubscribing before its end aborts the signal. */
  get rest$(): Observable<unknown> {
    return new Observable((subscriber) => {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
        this.#listener.attemptEnded(this);
      };
      subscriber.add(() => {
        if (isSettled) return;
        this.abort();
        this.#listener.cutOff(this);
        settle();
      });
      const observe = (result: unknown): Subscription => {
        /** Stream that a Promise resolves to: an `async` handler may return one, too. */
        let resolved: ObservableInput<unknown> | undefined;
        return observableFrom(result as Promise<unknown>).subscribe({
          next(value) {
            if (isPromiseLike(result) && isObservableInput(value)) resolved = value;
            else subscriber.next(value);
          },
          error(error) {
            settle();
            subscriber.error(error);
          },
          complete: () => {
            if (resolved !== undefined) {
              subscriber.add(this.#listener.inside(this, observe, resolved));
              return;
            }
            settle();
            subscriber.complete();
          },
        });
      };
      // What an Observable does when it is subscribed to is done inside the handler, too.
      subscriber.add(this.#listener.inside(this, observe, this.#result));
    });
  }
}
