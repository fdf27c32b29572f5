import { defer, finalize, merge, type Observable, Subject, takeUntil } from 'rxjs';

/** Emits the values of both sources, and unsubscribes from `first` when `second` ends. */
export const mergeUntilComplete = <T>(first: Observable<T>, second: Observable<T>): Observable<T> =>
  defer(() => {
    const ended$ = new Subject<void>();
    return merge(first.pipe(takeUntil(ended$)), second.pipe(finalize(() => ended$.next())));
  });
