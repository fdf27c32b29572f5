import { watch } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { Observable, Subscription, timer as timeAfter } from 'rxjs';

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
 * The timers are the file system's business, not the store's: they run on the real clock, in virtual time too. A writer
 * may write thousands of times a second, and this process hears of each write twice or three times, its own among them:
 * while the first of the timers runs, a notice of its own costs next to nothing.
 *
 * @param isWriting - Whether this process writes just now: most of what is written meanwhile is its own, so that it is
 *   not looked for at each notice, but by the timers, however long this process goes on to write.
 */
export const fileWrites = (env: RootDatabase, isWriting: () => boolean): Observable<void> =>
  new Observable((subscriber) => {
    let step = 0;
    let isAnew = false;
    let timer = Subscription.EMPTY;

    const wait = () => {
      timer = timeAfter(LATER[step] as number).subscribe(look);
    };
    const look = () => {
      subscriber.next();
      step = isAnew ? 0 : step + 1;
      isAnew = false;
      if (step < LATER.length && !subscriber.closed) wait();
    };
    const noticed = () => {
      if (!isWriting()) subscriber.next();
      if (step === 0 && !timer.closed) {
        isAnew = true;
        return;
      }
      timer.unsubscribe();
      step = 0;
      wait();
    };
    const notice = notices(dataFile(env)).subscribe({
      next: noticed,
      error: (error) => subscriber.error(error),
    });
    return () => {
      notice.unsubscribe();
      timer.unsubscribe();
    };
  });
