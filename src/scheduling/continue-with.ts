import { defer, Observable } from 'rxjs';

/**
 * Calls `project` with the only value of a source, and subscribes to the result after the source has completed.
 *
 * Unlike `switchMap`, this operator keeps no subscription to the source afterwards, which saves memory for each idle
 * watcher.
 */
export const continueWith = <A, B>(
  source: Observable<A>,
  project: (value: A) => Observable<B>,
): Observable<B> =>
  new Observable((subscriber) => {
    let next: Observable<B> | undefined;
    subscriber.add(
      source.subscribe({
        next(value) {
          next = defer(() => project(value));
        },
        error: (error) => subscriber.error(error),
        complete: () => (next === undefined ? subscriber.complete() : next.subscribe(subscriber)),
      }),
    );
  });
