import { defer, finalize, type Observable } from 'rxjs';

/** Reads that have begun and not ended. */
export interface InFlightCounter {
  /** The same, counted while it is subscribed to. */
  count<T>(source: Observable<T>): Observable<T>;
  /** Resolves when there is none. */
  settled(): Promise<void>;
}

/** Makes a count of them. */
export function createInFlightCounter(): InFlightCounter {
  const idle = new Set<() => void>();
  let under = 0;
  const leave = () => {
    if (--under === 0) for (const isIdle of idle) isIdle();
  };
  return {
    count: (source) =>
      defer(() => {
        under++;
        return source.pipe(finalize(leave));
      }),
    settled: () =>
      new Promise((resolve) => {
        if (under === 0) resolve();
        else idle.add(resolve);
      }),
  };
}
