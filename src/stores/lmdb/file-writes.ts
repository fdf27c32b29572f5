import { watch } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { concat, Observable, of, switchMap, timer } from 'rxjs';

/**
 * When to look again behind a notice, in milliseconds: a notice can come before what was written can be seen, by a
 * little, or by as long as a busy machine keeps the writer from running in between.
 */
const LATER = [2, 20, 200, 2000];

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
 * The timer is the file system's business, not the store's: it runs on the real clock, in virtual time too.
 */
export const fileWrites = (env: RootDatabase): Observable<unknown> =>
  notices(dataFile(env)).pipe(switchMap(() => concat(of(0), ...LATER.map((delay) => timer(delay)))));
