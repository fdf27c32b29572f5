import type { RootDatabase } from 'lmdb';
import { Subject } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { type OwnWrites, watchDataFile } from './watch-data-file.ts';

/**
 * Notices that the log has grown, whoever it was that appended.
 *
 * @param readLatest - Reads the latest number as it is now.
 * @param own - What this process writes just now.
 * @throws StoreError if the system cannot watch the file.
 */
export function watchAppends(env: RootDatabase, readLatest: () => number, own: OwnWrites, logger: Reporter) {
  const appended$ = new Subject<readonly StoredRecord[]>();
  let known = readLatest();
  let failure: unknown;

  const advanceTo = (latest: number, records: readonly StoredRecord[] = []) => {
    if (latest <= known) return;
    known = latest;
    appended$.next(records);
  };
  const look = () => {
    let latest = known;
    try {
      latest = readLatest();
    } catch (error) {
      logger.error(`cannot look for new events: ${textOf(error)}`, 'RX_WATCHER_APPENDS_UNNOTICED');
    }
    advanceTo(latest);
  };
  const writes = watchDataFile(env, own).subscribe({
    next: look,
    error(error) {
      failure = error;
      logger.error(
        `appends of other processes are no longer noticed: ${textOf(error)}`,
        'RX_WATCHER_APPENDS_UNNOTICED',
      );
    },
  });
  if (failure !== undefined) {
    throw new StoreError('cannot watch the data file for the writes of other processes', { cause: failure });
  }
  return {
    /** Emits after each append: its records if this process appended them, otherwise an empty array. */
    appended$: appended$.asObservable(),
    /** Something was appended here, up to this number: there is no need to look. */
    advanceTo,
    /** Looks now: something may have been appended here. */
    look,
    /** Looks no more. */
    end: () => writes.unsubscribe(),
  };
}
