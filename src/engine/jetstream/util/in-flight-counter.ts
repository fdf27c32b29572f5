import { defer, finalize, type Observable } from 'rxjs';

/** Counter of subscriptions that have not ended yet. */
export interface InFlightCounter {
  /**
   * Returns an Observable that mirrors `source`. Each subscription to this Observable is counted until the subscription
   * ends.
   */
  count<T>(source: Observable<T>): Observable<T>;
  /** Resolves when no counted subscription is left; immediately if there is none. */
  settled(): Promise<void>;
}

export function createInFlightCounter(): InFlightCounter {
  const onIdle = new Set<() => void>();
  let inFlight = 0;
  const leave = () => {
    if (--inFlight === 0) for (const resolve of onIdle) resolve();
  };
  return {
    count: (source) =>
      defer(() => {
        inFlight++;
        return source.pipe(finalize(leave));
      }),
    settled: () =>
      new Promise((resolve) => {
        if (inFlight === 0) resolve();
        else onIdle.add(resolve);
      }),
  };
}
