import type { RootDatabase } from 'lmdb';
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  type Observable,
  share,
  skip,
  startWith,
} from 'rxjs';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';
import { isOpen } from '../open/env-state.ts';
import { watchDataFile } from './watch-data-file.ts';

/**
 * Any write can be the release of a lease, even a write of this process. Every notice therefore counts as a notice of another
 * process.
 */
const NO_OWN_WRITES = { isWriting: () => false, isAppending: () => false, commits: () => 0 };

/**
 * Emits when any process has released a lease. Watches the data file only while it has subscribers.
 *
 * @param readMarker - Reads the release marker, which changes with each release.
 */
export const watchReleases = (
  env: RootDatabase,
  readMarker: () => string,
  logger: Reporter,
): Observable<void> =>
  defer(() =>
    watchDataFile(env, NO_OWN_WRITES).pipe(
      startWith(undefined),
      map(readMarker),
      distinctUntilChanged(),
      skip(1),
      map(() => undefined),
    ),
  ).pipe(
    catchError((error) => {
      // If the environment is closed, no watcher of this process waits for a lease any more.
      if (!isOpen(env)) return EMPTY;
      logger.warn(
        `cannot detect released leases immediately: ${textOf(error)}`,
        'RX_WATCHER_LEASES_UNNOTICED',
      );
      return EMPTY;
    }),
    share(),
  );
