import { defer, finalize, from, map, type Observable, of, switchMap, throwError, timeout } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import type { LogBounds } from '../../contract/event-log.ts';
import type { Appended } from '../append/append-record.ts';

/**
 * Reads of the log bounds as they are at the subscription. The server answers later, when the log can contain newer records
 * of this process.
 */
export interface SnapshotBounds {
  /** Must be called at the start of each append of this process. */
  onAppend(append: Promise<readonly Appended[]>): void;
  /**
   * Reads the bounds without the records of appends that this process starts between the subscription and the answer. The
   * read waits until these appends have settled, because their sequence numbers are unknown before.
   */
  read(bounds: Observable<LogBounds>): Observable<LogBounds>;
}

const boundsBefore = ({ oldest, latest }: LogBounds, later: readonly number[]): LogBounds => {
  const last = later.reduce((least, seqNum) => Math.min(least, seqNum - 1), latest);
  return { oldest: Math.min(oldest, last + 1), latest: last };
};

/**
 * Returns whether an append has stored its record itself. A duplicate may have been stored before the read, so its number must
 * not limit the bounds.
 */
const isNew = ({ isDuplicate }: Appended): boolean => !isDuplicate;

/** Maximum time for which a read waits for the acknowledgement of appends that started during the read, in milliseconds. */
const TIMEOUT = 5_000;

const NOT_ACKNOWLEDGED = `the read failed: later appends were not acknowledged within ${TIMEOUT} ms`;

/** Creates the snapshot bounds of a log. All appends and reads of the bounds must use the same instance. */
export function createSnapshotBounds(): SnapshotBounds {
  const activeReads = new Set<Set<Promise<readonly Appended[]>>>();

  const numbersOf = async (appends: Iterable<Promise<readonly Appended[]>>): Promise<readonly number[]> =>
    (await Promise.allSettled(appends)).flatMap((result) =>
      result.status === 'fulfilled' ? result.value.filter(isNew).map(({ seqNum }) => seqNum) : [],
    );

  return {
    onAppend(append) {
      for (const later of activeReads) later.add(append);
    },
    read: (bounds) =>
      defer(() => {
        const later = new Set<Promise<readonly Appended[]>>();
        activeReads.add(later);
        return bounds.pipe(
          switchMap((current) =>
            later.size === 0
              ? of(current)
              : from(numbersOf(later)).pipe(
                  timeout({ first: TIMEOUT, with: () => throwError(() => new StoreError(NOT_ACKNOWLEDGED)) }),
                  map((numbers) => boundsBefore(current, numbers)),
                ),
          ),
          finalize(() => activeReads.delete(later)),
        );
      }),
  };
}
