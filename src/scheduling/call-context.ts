import { AsyncResource } from 'node:async_hooks';
import { Observable } from 'rxjs';

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

/** Emits in the asynchronous context of the subscriber, not in the context of the code that appended an event. */
export const inOwnContext = <T>(source: Observable<T>): Observable<T> =>
  new Observable((subscriber) => {
    const context = ownContext();
    const next = (value: T) => subscriber.next(value);
    const error = (cause: unknown) => subscriber.error(cause);
    const complete = () => subscriber.complete();
    // A synchronous value is already in the right context and needs no scope. Nested scopes are avoided, because a stack
    // overflow inside them ends the process.
    let isSync = true;
    const subscription = source.subscribe({
      next: (value) => (isSync ? next(value) : context.runInAsyncScope(next, undefined, value)),
      error: (cause) => (isSync ? error(cause) : context.runInAsyncScope(error, undefined, cause)),
      complete: () => (isSync ? complete() : context.runInAsyncScope(complete)),
    });
    isSync = false;
    return subscription;
  });
