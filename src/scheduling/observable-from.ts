import { from, isObservable, Observable, type ObservableInput } from 'rxjs';

/**
 * Converts its input like `from`, including an Observable of another copy of RxJS. `from` rejects such an Observable if only
 * one copy was loaded after a polyfill of `Symbol.observable`, because the two copies then use different symbols.
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
