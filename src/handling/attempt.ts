import { Observable, type ObservableInput, type Subscription } from 'rxjs';
import { observableFrom } from '../scheduling/observable-from.ts';
import type { HandlerContext } from './handler.ts';
import type { HandlingListener, InFlight } from './handling-context.ts';
import { isObservableInput } from './is-observable-input.ts';

const isPromiseLike = (value: unknown): boolean =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** Handler of one event or of a batch. */
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

  /** Abort signal, created at the first access because most handlers do not use it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Aborts the signal. */
  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }

  /**
   * Calls the handler. Returns `true` if the attempt has ended when the handler returns.
   *
   * @param lastSeqNum - Sequence number of the last event of the attempt.
   * @throws The error of the handler.
   */
  call<A>(handler: Call<A>, argument: A, lastSeqNum: number): boolean {
    this.#listener.attemptStarted(this, lastSeqNum);
    let hasEnded = true;
    try {
      this.#result = this.#listener.inside(this, handler, argument);
      hasEnded = !isObservableInput(this.#result);
    } finally {
      // Notify the listener before the caller: the caller may start the next attempt.
      if (hasEnded) this.#listener.attemptEnded(this);
    }
    return hasEnded;
  }

  /** Result of the handler. */
  get result(): unknown {
    return this.#result;
  }

  /** Emits the values of an asynchronous result. Unsubscribing before its end aborts the signal. */
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
        /** Stream to which a Promise resolves: an `async` handler may return a stream. */
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
      // Subscribe in the context of the attempt: the subscription may run code of the handler.
      subscriber.add(this.#listener.inside(this, observe, this.#result));
    });
  }
}
