import { AsyncResource } from 'node:async_hooks';
import { Observable } from 'rxjs';

/** Captures the present asynchronous context: what `AsyncLocalStorage` holds for the code that is running. */
export const ownContext = (): AsyncResource =>
  new AsyncResource('rx-watcher', { requireManualDestroy: true });

/** Binds a listener to the present asynchronous context, whichever code calls it. */
export function boundToContext<A extends readonly unknown[]>(
  listener: (...args: A) => void,
): (...args: A) => void {
  const context = ownContext();
  return (...args) => context.runInAsyncScope(listener, undefined, ...args);
}

/** Emits in the asynchronous context of its subscriber, not in that of the caller that appended an event. */
export const inOwnContext = <T>(source: Observable<T>): Observable<T> =>
  new Observable((subscriber) => {
    const context = ownContext();
    const next = (value: T) => subscriber.next(value);
    const error = (cause: unknown) => subscriber.error(cause);
    const complete = () => subscriber.complete();
    // Values emitted at once are in the context already, and a stack overflow inside nested scopes ends the process.
    let isAtOnce = true;
    const subscription = source.subscribe({
      next: (value) => (isAtOnce ? next(value) : context.runInAsyncScope(next, undefined, value)),
      error: (cause) => (isAtOnce ? error(cause) : context.runInAsyncScope(error, undefined, cause)),
      complete: () => (isAtOnce ? complete() : context.runInAsyncScope(complete)),
    });
    isAtOnce = false;
    return subscription;
  });
