import { watch } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { asyncScheduler, noop, Observable, Subscription } from 'rxjs';
import { unrefTimer } from '../../../scheduling/unref-timers.ts';
import { dataFileOf } from '../open/env-state.ts';

/**
 * Delays of the checks that follow a file notice, in milliseconds. The system can send the notice before the write is
 * visible. The time in between is usually short, but it includes any time for which a busy machine suspends the writing
 * process. A later check then finds the write.
 */
const CHECK_DELAYS = [2, 20, 200, 2000] as const;

const fileNotices = (path: string): Observable<void> =>
  new Observable((subscriber) => {
    const watcher = watch(path, { persistent: false }, () => subscriber.next());
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  });

/** Writes of one store in this process. */
export interface OwnWrites {
  /**
   * Returns whether a write is in flight. A notice during this time is taken as a notice of this write, so the log is not
   * checked immediately, but only a little later.
   */
  isWriting(): boolean;
  /**
   * Returns whether an append is in flight. No check is needed in the meantime, because an append detects earlier appends
   * of other processes.
   */
  isAppending(): boolean;
  /** Returns the number of committed appends. */
  commits(): number;
}

/**
 * Emits when the environment should be checked for writes of any process or thread: at each write, and a few times after
 * the last one. Emits nothing while no process writes, and does not keep this process alive.
 *
 * The timers wait for the file system, so they use the real clock even if the store runs in virtual time.
 *
 * A process can append thousands of times per second and would receive two or three notices for each append, which costs
 * more than all its other work. If a notice comes from a write of this process, the file watcher is therefore closed until
 * the appends of this process have ended. In the meantime, the Observable emits only if no append was committed since the
 * last timer.
 *
 * Errors if the file cannot be watched at the subscription. If it cannot be watched later, the next timer tries again.
 */
export const watchDataFile = (env: RootDatabase, own: OwnWrites): Observable<void> =>
  new Observable((subscriber) => {
    const path = dataFileOf(env);
    /** Index of the current delay. */
    let step = 0;
    let hasNewNotice = false;
    let isOwnNotice = false;
    let commits = 0;
    let notices = Subscription.EMPTY;
    let timer = Subscription.EMPTY;

    const watchNotices = (onError: (error: unknown) => void) => {
      notices = fileNotices(path).subscribe({ next: onNotice, error: onError });
    };
    const wait = (next: number) => {
      if (subscriber.closed) return;
      step = next;
      timer = unrefTimer(CHECK_DELAYS[step] as number, asyncScheduler).subscribe(onTimer);
    };
    const suppressOwnNotices = () => {
      notices.unsubscribe();
      const isSlow = commits === own.commits();
      commits = own.commits();
      if (isSlow) subscriber.next();
      wait(0);
    };
    const onTimer = () => {
      const wasSuppressed = notices.closed;
      if (own.isAppending() && (wasSuppressed || isOwnNotice)) {
        suppressOwnNotices();
        return;
      }
      // Watch before the check, so that no write in between is missed.
      if (wasSuppressed) watchNotices(noop);
      const next = notices.closed ? 1 : wasSuppressed || hasNewNotice ? 0 : step + 1;
      hasNewNotice = false;
      isOwnNotice = false;
      subscriber.next();
      if (next < CHECK_DELAYS.length) wait(next);
    };
    const onNotice = () => {
      isOwnNotice = own.isWriting();
      if (!isOwnNotice) subscriber.next();
      if (step === 0 && !timer.closed) {
        hasNewNotice = true;
        return;
      }
      timer.unsubscribe();
      wait(0);
    };
    watchNotices((error) => subscriber.error(error));
    return () => {
      notices.unsubscribe();
      timer.unsubscribe();
    };
  });
