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
import type { Logger } from '../../store/logger.ts';
import { fileWrites } from './file-writes.ts';

/** Whoever writes may be giving a lease back. */
const ANYBODY = { isWriting: () => false, isAppending: () => false, commits: () => 0 };

/**
 * Emits when leases were given back, by whichever process. It looks only while somebody waits.
 *
 * @param releases - Reads how many were, up to now.
 */
export const watchReleases = (env: RootDatabase, releases: () => number, logger: Logger): Observable<void> =>
  defer(() =>
    fileWrites(env, ANYBODY).pipe(
      startWith(undefined),
      map(releases),
      distinctUntilChanged(),
      skip(1),
      map(() => undefined),
    ),
  ).pipe(
    catchError((error) => {
      logger.warn(`leases that are given back are noticed later: ${String(error)}`);
      return EMPTY;
    }),
    share(),
  );
