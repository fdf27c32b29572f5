import { AsyncResource } from 'node:async_hooks';
import { Observable, type Observer, type Subscriber } from 'rxjs';

/** Captures the current asynchronous context: the values of `AsyncLocalStorage` for the running code. */
export const ownContext = (): AsyncResource =>
  new AsyncResource('rx-watcher', { requireManualDestroy: true });

/** Returns a listener that always runs in the current asynchronous context. */
export function boundToContext<A extends readonly unknown[]>(
  listener: (...args: A) => void,
): (...args: A) => void {
  const context = ownContext();
  return (...args) => context.runInAsyncScope(listener, undefined, ...args);
}

/** Emits to a subscriber in the asynchronous context in which the observer was created. */
class ContextObserver<T> implements Observer<T> {
  /**
   * Whether the call that subscribes to the source is still running. A value that is emitted during this call is already in
   * the context of the subscriber. It is passed on without `runInAsyncScope`, because a stack overflow inside nested scopes
   * would end the process.
   */
  isSync = true;
  readonly #context = ownContext();
  readonly #subscriber: Subscriber<T>;

  constructor(subscriber: Subscriber<T>) {
    this.#subscriber = subscriber;
  }

  next(value: T): void {
    if (this.isSync) this.#subscriber.next(value);
    else this.#context.runInAsyncScope(this.#subscriber.next, this.#subscriber, value);
  }

  error(error: unknown): void {
    if (this.isSync) this.#subscriber.error(error);
    else this.#context.runInAsyncScope(this.#subscriber.error, this.#subscriber, error);
  }

  complete(): void {
    if (this.isSync) this.#subscriber.complete();
    else this.#context.runInAsyncScope(this.#subscriber.complete, this.#subscriber);
  }
}

/** Emits in the asynchronous context of the subscriber, not in the context of the code that appended an event. */
export const inOwnContext = <T>(source: Observable<T>): Observable<T> =>
  new Observable((subscriber) => {
    const observer = new ContextObserver(subscriber);
    const subscription = source.subscribe(observer);
    observer.isSync = false;
    return subscription;
  });
