import {
  filter,
  firstValueFrom,
  type Observable,
  ReplaySubject,
  Subject,
  type Subscription,
  startWith,
} from 'rxjs';

/** What an Observable does, noted as it happens. */
export interface Notes<T> {
  readonly values: T[];
  readonly error: unknown;
  readonly isComplete: boolean;
  readonly subscription: Subscription;
  /** Resolves when there are so many values. */
  has(count: number): Promise<unknown>;
  /** Resolves when it has completed or failed. */
  readonly ended: Promise<unknown>;
}

/** Subscribes and takes notes. */
export function note<T>(source: Observable<T>): Notes<T> {
  const values: T[] = [];
  const grown$ = new Subject<void>();
  const ended$ = new ReplaySubject<void>(1);
  let error: unknown;
  let isComplete = false;
  const subscription = source.subscribe({
    next: (value) => {
      values.push(value);
      grown$.next();
    },
    error: (thrown) => {
      error = thrown;
      ended$.next();
    },
    complete: () => {
      isComplete = true;
      ended$.next();
    },
  });
  return {
    values,
    subscription,
    has: (count) =>
      firstValueFrom(
        grown$.pipe(
          startWith(undefined),
          filter(() => values.length >= count),
        ),
      ),
    get ended() {
      return firstValueFrom(ended$);
    },
    get error() {
      return error;
    },
    get isComplete() {
      return isComplete;
    },
  };
}
