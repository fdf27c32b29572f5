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

/** Whoever writes may be giving a lease back. */
const ANYBODY = { isWriting: () => false, isAppending: () => false, commits: () => 0 };

/**
 * Emits when a lease was given back, by whichever process. Looks only while it has subscribers.
 *
 * @param lastRelease - Reads the mark of the last release.
 */
export const watchReleases = (
  env: RootDatabase,
  lastRelease: () => string,
  logger: Reporter,
): Observable<void> =>
  defer(() =>
    watchDataFile(env, ANYBODY).pipe(
      startWith(undefined),
      map(lastRelease),
      distinctUntilChanged(),
      skip(1),
      map(() => undefined),
    ),
  ).pipe(
    catchError((error) => {
      // Nothing can be noticed late in an environment that was closed meanwhile.
      if (!isOpen(env)) return EMPTY;
      logger.warn(
        `leases that are given back are noticed later: ${textOf(error)}`,
        'RX_WATCHER_LEASES_UNNOTICED',
      );
      return EMPTY;
    }),
    share(),
  );
