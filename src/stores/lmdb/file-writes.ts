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

/** What this process does to the environment just now. */
export interface OwnWrites {
  /** Whether it writes: what is noticed meanwhile is taken to be that, and looked for a little later. */
  isWriting(): boolean;
  /** Whether it appends: an append finds out by itself that somebody else has appended before it. */
  isAppending(): boolean;
}

/**
 * When to look at an environment that others write to: at each write, by whichever process or thread, and a few times
 * more after the last one. It does not keep the process alive, and costs nothing while nobody writes.
 *
 * The timers are the file system's business, not the store's: they run on the real clock, in virtual time too. A writer
 * may append thousands of times a second, and its process would hear of each append twice or three times, which costs
 * more than all else that it does for it: where it hears itself, it does not listen until it has done.
 */
export const fileWrites = (env: RootDatabase, own: OwnWrites): Observable<void> =>
  new Observable((subscriber) => {
    let step = 0;
    let isAnew = false;
    let hearsItself = false;
    let notice = Subscription.EMPTY;
    let timer = Subscription.EMPTY;

    const listen = () => {
      notice = notices(dataFile(env)).subscribe({
        next: noticed,
        error: (error) => subscriber.error(error),
      });
    };
    const wait = (next: number) => {
      step = next;
      timer = timeAfter(LATER[step] as number).subscribe(look);
    };
    const look = () => {
      const isDeaf = notice.closed;
      if (own.isAppending() && (isDeaf || hearsItself)) {
        notice.unsubscribe();
        wait(0);
        return;
      }
      if (isDeaf) listen(); // before it looks, so that nothing is written in between
      const next = isDeaf || isAnew ? 0 : step + 1;
      isAnew = false;
      hearsItself = false;
      subscriber.next();
      if (next < LATER.length && !subscriber.closed) wait(next);
    };
    const noticed = () => {
      hearsItself = own.isWriting();
      if (!hearsItself) subscriber.next();
      if (step === 0 && !timer.closed) {
        isAnew = true;
        return;
      }
      timer.unsubscribe();
      wait(0);
    };
    listen();
    return () => {
      notice.unsubscribe();
      timer.unsubscribe();
    };
  });
