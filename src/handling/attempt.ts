import { AsyncLocalStorage } from 'node:async_hooks';
import { from, Observable, type Subscriber } from 'rxjs';
import type { HandlerContext } from './event-handler.ts';
import { isObservableInput } from './is-observable-input.ts';

/** One call of a handler, and a way to tell whoever calls from inside it. */
export class Attempt {
  static readonly #inside = new AsyncLocalStorage<Attempt>();

  /** What the handler is told. */
  readonly context: HandlerContext;
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(watcherId: string, attempt: number) {
    const signal = () => this.#signal();
    this.context = {
      watcherId,
      attempt,
      get signal() {
        return signal();
      },
    };
  }

  /** Made when it is first asked for: most handlers never look. */
  #signal(): AbortSignal {
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

  /** Whether the code that asks was called, at however many removes, from inside this attempt's handler. */
  get isCaller(): boolean {
    return Attempt.#inside.getStore() === this;
  }

  /**
   * Calls the handler at subscription; emits what its result does, and completes when it is done. Unsubscribing before
   * that aborts the signal.
   */
  run(call: (context: HandlerContext) => unknown): Observable<unknown> {
    return new Observable((subscriber) =>
      // What an Observable does when it is subscribed to is done inside the handler, too.
      Attempt.#inside.run(this, () => this.#run(call, subscriber)),
    );
  }

  #run(call: (context: HandlerContext) => unknown, subscriber: Subscriber<unknown>): void {
    const result = call(this.context);
    if (!isObservableInput(result)) {
      subscriber.next(result);
      subscriber.complete();
      return;
    }
    let settled = false;
    const settle = (tell: () => void) => {
      settled = true;
      tell();
    };
    subscriber.add(
      from(result).subscribe({
        next: (value) => subscriber.next(value),
        error: (error) => settle(() => subscriber.error(error)),
        complete: () => settle(() => subscriber.complete()),
      }),
    );
    subscriber.add(() => {
      if (!settled) this.abort();
    });
  }
}
