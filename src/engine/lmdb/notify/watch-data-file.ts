import { watch } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { asyncScheduler, noop, Observable, Subscription } from 'rxjs';
import { unrefTimer } from '../../../scheduling/unref-timers.ts';
import { dataFileOf } from '../open/env-state.ts';

/**
 * When to look again behind a notice, in milliseconds: a notice can come before what was written can be seen, by a
 * little, or by as long as a busy machine keeps the writer from running in between.
 */
const LATER = [2, 20, 200, 2000] as const;

const notices = (path: string): Observable<void> =>
  new Observable((subscriber) => {
    const watcher = watch(path, { persistent: false }, () => subscriber.next());
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  });

/** What this process, as far as one store knows, writes to the environment. */
export interface OwnWrites {
  /** Whether it writes just now: what is noticed meanwhile is taken to be that, and looked for a little later. */
  isWriting(): boolean;
  /** Whether it appends just now: an append finds out by itself that somebody else has appended before it. */
  isAppending(): boolean;
  /** How many of its appends have been committed. */
  commits(): number;
}

/**
 * When to look at an environment that others write to: at each write, by whichever process or thread, and a few times
 * more after the last one. It stops when no process writes, and does not keep this process alive.
 *
 * The timers are the file system's business, not the store's: they run on the real clock, in virtual time too. A writer
 * may append thousands of times a second, and its process would hear of each append twice or three times, which costs
 * more than all else that it does for it: where it hears itself, it does not listen until it has done. Meanwhile it
 * looks only while an append takes its time.
 *
 * It errors if the file cannot be watched at the beginning; later on it tries again.
 */
export const watchDataFile = (env: RootDatabase, own: OwnWrites): Observable<void> =>
  new Observable((subscriber) => {
    const path = dataFileOf(env);
    let step = 0;
    let isAnew = false;
    let hearsItself = false;
    let commits = 0;
    let notice = Subscription.EMPTY;
    let timer = Subscription.EMPTY;

    const listen = (failed: (error: unknown) => void) => {
      notice = notices(path).subscribe({ next: noticed, error: failed });
    };
    const wait = (next: number) => {
      if (subscriber.closed) return;
      step = next;
      timer = unrefTimer(LATER[step] as number, asyncScheduler).subscribe(look);
    };
    const suppressOwnEvents = () => {
      notice.unsubscribe();
      const isStuck = commits === own.commits();
      commits = own.commits();
      if (isStuck) subscriber.next();
      wait(0);
    };
    const look = () => {
      const isDeaf = notice.closed;
      if (own.isAppending() && (isDeaf || hearsItself)) {
        suppressOwnEvents();
        return;
      }
      if (isDeaf) listen(noop); // before it looks, so that nothing is written in between
      const next = notice.closed ? 1 : isDeaf || isAnew ? 0 : step + 1;
      isAnew = false;
      hearsItself = false;
      subscriber.next();
      if (next < LATER.length) wait(next);
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
    listen((error) => subscriber.error(error));
    return () => {
      notice.unsubscribe();
      timer.unsubscribe();
    };
  });
