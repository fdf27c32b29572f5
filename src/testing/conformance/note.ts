import type { Observable, Subscription } from 'rxjs';

/** What an Observable does, noted as it happens. */
export interface Notes<T> {
  readonly values: T[];
  readonly error: unknown;
  readonly isComplete: boolean;
  readonly subscription: Subscription;
}

/** Subscribes and takes notes. */
export function note<T>(source: Observable<T>): Notes<T> {
  const values: T[] = [];
  let error: unknown;
  let isComplete = false;
  const subscription = source.subscribe({
    next: (value) => values.push(value),
    error: (thrown) => {
      error = thrown;
    },
    complete: () => {
      isComplete = true;
    },
  });
  return {
    values,
    subscription,
    get error() {
      return error;
    },
    get isComplete() {
      return isComplete;
    },
  };
}
