import { AsyncLocalStorage } from 'node:async_hooks';
import { from, Observable, type Subscriber } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventHandler, HandlerContext } from './event-handler.ts';
import { isObservableInput } from './is-observable-input.ts';

/** One call of a handler, and a way to tell whoever calls from inside it. */
export class Attempt implements HandlerContext {
  static readonly #inside = new AsyncLocalStorage<Attempt>();

  readonly watcherId: string;
  readonly attempt: number;
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(watcherId: string, attempt: number) {
    this.watcherId = watcherId;
    this.attempt = attempt;
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

  /** Whether the code that asks was called, at however many removes, from inside this attempt's handler. */
  get isCaller(): boolean {
    return Attempt.#inside.getStore() === this;
  }

  /** Calls the handler at subscription; completes when it is done. Unsubscribing before that aborts the signal. */
  run<E extends Event>(handler: EventHandler<E>, event: E): Observable<never> {
    return new Observable((subscriber) =>
      // What an Observable does when it is subscribed to is done inside the handler, too.
      Attempt.#inside.run(this, () => this.#call(handler, event, subscriber)),
    );
  }

  #call<E extends Event>(handler: EventHandler<E>, event: E, subscriber: Subscriber<never>): void {
    const result: unknown = handler(event, this);
    if (!isObservableInput(result)) {
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
        error: (error) => settle(() => subscriber.error(error)),
        complete: () => settle(() => subscriber.complete()),
      }),
    );
    subscriber.add(() => {
      if (!settled) this.abort();
    });
  }
}
