import { defer, EMPTY, exhaustMap, type Observable, of, repeat, tap } from 'rxjs';

/**
 * Subscribes to `read` at each request, and emits the values of all reads. One read is in flight at a time: all requests
 * during a read cause one more read after it.
 */
export const coalescedReads = <T>(requests$: Observable<unknown>, read: Observable<T>): Observable<T> =>
  defer(() => {
    let isDue = false;
    const next = defer(() => {
      isDue = false;
      return read;
    });
    return requests$.pipe(
      tap(() => {
        isDue = true;
      }),
      exhaustMap(() => next.pipe(repeat({ delay: () => (isDue ? of(undefined) : EMPTY) }))),
    );
  });
