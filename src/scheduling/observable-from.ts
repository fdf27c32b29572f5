import { from, isObservable, Observable, type ObservableInput } from 'rxjs';

/**
 * Does what `from` does, also for an Observable of another copy of RxJS: one that was loaded before or after a polyfill of
 * `Symbol.observable` knows its own Observables by another symbol.
 */
export function observableFrom<T>(input: ObservableInput<T>): Observable<T> {
  if (input instanceof Observable) return input;
  if (!isObservable(input)) return from(input);
  const foreign = input as Observable<T>;
  return new Observable((subscriber) => {
    const subscription = foreign.subscribe({
      next: (value) => subscriber.next(value),
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    return () => subscription.unsubscribe();
  });
}
