import {
  filter,
  firstValueFrom,
  type Observable,
  ReplaySubject,
  Subject,
  type Subscription,
  startWith,
} from 'rxjs';

/** Recorded notifications of an Observable. The properties change when the Observable emits, fails or completes. */
export interface Notes<T> {
  readonly values: T[];
  readonly error: unknown;
  readonly isComplete: boolean;
  readonly subscription: Subscription;
  /** Resolves when at least `count` values have been recorded. */
  has(count: number): Promise<unknown>;
  /** Resolves when the Observable has completed or failed. */
  readonly ended: Promise<unknown>;
}

/** Subscribes to an Observable and records its notifications. */
export function note<T>(source: Observable<T>): Notes<T> {
  const values: T[] = [];
  const recorded$ = new Subject<void>();
  const ended$ = new ReplaySubject<void>(1);
  let error: unknown;
  let isComplete = false;
  const subscription = source.subscribe({
    next: (value) => {
      values.push(value);
      recorded$.next();
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
        recorded$.pipe(
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
