import { watch } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import {
  asyncScheduler,
  concat,
  connect,
  filter,
  merge,
  Observable,
  switchMap,
  throttleTime,
  timer,
} from 'rxjs';

/**
 * When to look again behind a notice, in milliseconds: a notice can come before what was written can be seen, by a
 * little, or by as long as a busy machine keeps the writer from running in between.
 */
const LATER = [2, 20, 200, 2000] as const;

/** The file that LMDB keeps its pages in; lmdb-js tells, but its types do not. */
function dataFile(env: RootDatabase): string {
  const { path, noSubdir } = env as RootDatabase & { readonly path: string; readonly noSubdir: boolean };
  return noSubdir ? path : join(path, 'data.mdb');
}

const notices = (path: string): Observable<void> =>
  new Observable((subscriber) => {
    const watcher = watch(path, { persistent: false }, () => subscriber.next());
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  });

/**
 * When to look at an environment that others write to: at each write, by whichever process or thread, and a few times
 * more after the last one. It does not keep the process alive, and costs nothing while nobody writes.
 *
 * The timers are the file system's business, not the store's: they run on the real clock, in virtual time too. They are
 * set anew no more often than the shortest of them lasts: a writer may write thousands of times a second.
 *
 * @param isWriting - Whether this process writes just now: it looks behind its own commits anyway, and what is written
 *   meanwhile is mostly its own.
 */
export const fileWrites = (env: RootDatabase, isWriting: () => boolean): Observable<unknown> =>
  notices(dataFile(env)).pipe(
    connect((notice$) =>
      merge(
        notice$.pipe(filter(() => !isWriting())),
        notice$.pipe(
          throttleTime(LATER[0], asyncScheduler, { leading: true, trailing: true }),
          switchMap(() => concat(...LATER.map((delay) => timer(delay)))),
        ),
      ),
    ),
  );
