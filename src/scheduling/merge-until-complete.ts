import { defer, finalize, merge, type Observable, Subject, takeUntil } from 'rxjs';

/** What the first emits as long as the second goes on, and all of the second. */
export const mergeUntilComplete = <T>(first: Observable<T>, second: Observable<T>): Observable<T> =>
  defer(() => {
    const over$ = new Subject<void>();
    return merge(first.pipe(takeUntil(over$)), second.pipe(finalize(() => over$.next())));
  });
