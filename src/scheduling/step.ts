import { from, Observable, type Unsubscribable } from 'rxjs';

/**
 * Work in flight that ends once and then passes on the work that follows. It consists of one object and one callback, which
 * cost much less than an Observable with its subscription.
 */
export interface PendingStep<T> extends Unsubscribable {
  /** Calls `onEnd` once when the work ends, possibly before `whenEnded` returns, and not after `unsubscribe`. */
  whenEnded(onEnd: (next: Work<T>) => void): void;
}

/** Values to emit, an Observable to run to its end, or work in flight. */
export type Work<T> = readonly T[] | Observable<T> | PendingStep<T>;

/** Unit of a pull loop; `undefined` to complete. */
export type Step<T> = Work<T> | undefined;

/** Whether the work is a list of values. `Array.isArray` does not narrow the type of a readonly array. */
export const isValues = <T>(work: Work<T>): work is readonly T[] => Array.isArray(work);

/** Converts work to an Observable that does the work once. Unsubscribing from it cancels the work. */
export function observableOf<T>(work: Work<T>): Observable<T> {
  if (isValues(work)) return from(work);
  if (work instanceof Observable) return work;
  return new Observable((subscriber) => {
    subscriber.add(work);
    work.whenEnded((next) => subscriber.add(observableOf(next).subscribe(subscriber)));
  });
}
