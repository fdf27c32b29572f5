import { defer, finalize, from, map, type Observable, of, switchMap, throwError, timeout } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import type { LogBounds } from '../../contract/event-log.ts';

/** Bounds as they were when they were asked for, though the answer takes its time. */
export interface SnapshotBounds {
  /** Takes note of an append that begins. */
  began(append: Promise<readonly number[]>): void;
  /** Reads the bounds, without what was begun here after the subscription: whoever asks for it waits for that. */
  read(bounds: Observable<LogBounds>): Observable<LogBounds>;
}

const before = ({ oldest, latest }: LogBounds, later: readonly number[]): LogBounds => {
  const last = later.reduce((least, seqNum) => Math.min(least, seqNum - 1), latest);
  return { oldest: Math.min(oldest, last + 1), latest: last };
};

/** How long, in milliseconds, the numbers of those may take. */
const PATIENCE = 5_000;

const UNKNOWN = 'the read failed: appends that began behind it are not acknowledged';

/** Makes one for a log. */
export function createSnapshotBounds(): SnapshotBounds {
  const open = new Set<Set<Promise<readonly number[]>>>();

  const numbersOf = async (appends: Iterable<Promise<readonly number[]>>): Promise<readonly number[]> =>
    (await Promise.allSettled(appends)).flatMap((one) => (one.status === 'fulfilled' ? one.value : []));

  return {
    began(append) {
      for (const later of open) later.add(append);
    },
    read: (bounds) =>
      defer(() => {
        const later = new Set<Promise<readonly number[]>>();
        open.add(later);
        return bounds.pipe(
          switchMap((held) =>
            later.size === 0
              ? of(held)
              : from(numbersOf(later)).pipe(
                  timeout({ first: PATIENCE, with: () => throwError(() => new StoreError(UNKNOWN)) }),
                  map((numbers) => before(held, numbers)),
                ),
          ),
          finalize(() => open.delete(later)),
        );
      }),
  };
}
