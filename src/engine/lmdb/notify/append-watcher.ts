import type { RootDatabase } from 'lmdb';
import { Subject } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { type OwnWrites, watchDataFile } from './watch-data-file.ts';

/**
 * Detects appends to a log by every process and thread.
 *
 * @param readLatest - Reads the current latest sequence number.
 * @param own - Writes of this process.
 * @throws {@link StoreError} if the system cannot watch the data file.
 */
export function watchAppends(env: RootDatabase, readLatest: () => number, own: OwnWrites, logger: Reporter) {
  const appended$ = new Subject<readonly StoredRecord[]>();
  let lastSeqNum = readLatest();
  let failure: unknown;

  const advanceTo = (latest: number, records: readonly StoredRecord[] = []) => {
    if (latest <= lastSeqNum) return;
    lastSeqNum = latest;
    appended$.next(records);
  };
  const check = () => {
    let latest = lastSeqNum;
    try {
      latest = readLatest();
    } catch (error) {
      logger.error(`cannot check for new events: ${textOf(error)}`, 'RX_WATCHER_APPENDS_UNNOTICED');
    }
    advanceTo(latest);
  };
  const subscription = watchDataFile(env, own).subscribe({
    next: check,
    error(error) {
      failure = error;
    },
  });
  if (failure !== undefined) {
    throw new StoreError('cannot watch the data file for the writes of other processes', { cause: failure });
  }
  return {
    /**
     * Emits when the log has grown. After an `append` of this process, emits the appended records. After an import, a
     * transaction or appends of another process, emits an empty array.
     */
    appended$: appended$.asObservable(),
    /** Makes `appended$` emit for an append of this process up to a sequence number. Does not read the log. */
    advanceTo,
    /** Checks immediately whether the log has grown, without waiting for a notice of the file. */
    check,
    /** Stops watching the data file. */
    stop: () => subscription.unsubscribe(),
  };
}
