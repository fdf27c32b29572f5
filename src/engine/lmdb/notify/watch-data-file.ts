import { watch } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { asyncScheduler, Observable, Subscription } from 'rxjs';
import { unrefTimer } from '../../../scheduling/unref-timers.ts';
import { dataFileOf } from '../open/env-state.ts';

/**
 * Delays of the checks that follow a file notice, in milliseconds. The system can send the notice before the write is
 * visible. The time in between is usually short, but on a busy machine, the system can suspend the writing process during
 * this time. A later check then finds the write.
 */
const CHECK_DELAYS = [2, 20, 200, 2000] as const;

/**
 * Delay after which a lost file watch is opened again, in milliseconds. The delay does not grow, because each attempt also
 * checks the log: until the watch is open again, writes of other processes are detected within this time.
 */
const REOPEN_DELAY = 20;

/** Emits at each notice of the file. Errors if the system rejects or ends the file watch. */
const fileNotices = (path: string): Observable<void> =>
  new Observable((subscriber) => {
    const watcher = watch(path, { persistent: false }, () => subscriber.next());
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  });

/** State of the detection. The file is watched in the states `idle` and `checking`. */
type State =
  /** No process writes, so no check is scheduled. */
  | { readonly name: 'idle' }
  /** A check is scheduled after `CHECK_DELAYS[step]`. `notice` is the source of the last notice since the last check. */
  | { readonly name: 'checking'; readonly step: number; readonly notice?: 'own' | 'other' }
  /**
   * Appends of this process are in flight, and the file is not watched. `commits` is the number of commits at the start of the
   * timer, with which the number at the end of the timer is compared.
   */
  | { readonly name: 'suppressed'; readonly commits: number }
  /** The system has rejected or ended the file watch. */
  | { readonly name: 'lost'; readonly error: unknown };

const IDLE: State = { name: 'idle' };
const CHECK_SOON: State = { name: 'checking', step: 0 };

/** Returns the delay of a state's timer, in milliseconds; `undefined` if the state has no timer. */
function timerOf(state: State): number | undefined {
  if (state.name === 'checking') return CHECK_DELAYS[state.step];
  if (state.name === 'suppressed') return CHECK_DELAYS[0];
  return state.name === 'lost' ? REOPEN_DELAY : undefined;
}

/**
 * Returns the state after a check. If a notice has arrived since the previous check, the delays start again with the first
 * delay.
 */
function afterCheck({ step, notice }: State & { name: 'checking' }): State {
  if (notice !== undefined) return CHECK_SOON;
  return step + 1 < CHECK_DELAYS.length ? { name: 'checking', step: step + 1 } : IDLE;
}

/** Writes of one store, by which the detection recognizes the notices that this store has caused. */
export interface OwnWrites {
  /**
   * Returns whether a write is in flight. A notice during this time counts as a notice of this write, so the log is not
   * checked immediately, but after the first delay.
   */
  isWriting(): boolean;
  /**
   * Returns whether an append is in flight. During an append, no check is needed, because the append itself detects earlier
   * appends of other processes.
   */
  isAppending(): boolean;
  /** Returns the number of commits of appends since the log was opened. */
  commits(): number;
}

/**
 * Emits when the environment should be checked for writes of any process or thread: immediately after a write of another
 * process, and again after each of a few delays (`CHECK_DELAYS`). Emits nothing while no process writes, and does not keep
 * this process alive. The delays use the real clock even in virtual time, because they wait for the file system.
 *
 * A process can append thousands of times per second. Two or three notices for each append would cost more time than all
 * other work of the append. If this process still appends when the first delay after its own write has passed, the file
 * watcher is therefore closed until the appends have ended. In the meantime, the Observable emits after such a delay only if
 * no append was committed during the delay.
 *
 * Errors if the file cannot be watched at the subscription. If the file watch is lost later, the Observable emits at a short
 * interval until the file can be watched again.
 */
export const watchDataFile = (env: RootDatabase, own: OwnWrites): Observable<void> =>
  new Observable((subscriber) => {
    const path = dataFileOf(env);
    let state: State = IDLE;
    let notices = Subscription.EMPTY;
    let timer = Subscription.EMPTY;

    const enter = (next: State) => {
      state = next;
      timer.unsubscribe();
      if (next.name === 'suppressed') notices.unsubscribe();
      else if (next.name !== 'lost' && notices.closed) openNotices();
      if (state !== next) return; // `openNotices` has failed, and the state is `lost`
      const delay = timerOf(next);
      if (delay !== undefined) timer = unrefTimer(delay, asyncScheduler).subscribe(onTimer);
    };
    const openNotices = () => {
      const onError = (error: unknown) => enter({ name: 'lost', error });
      notices = fileNotices(path).subscribe({ next: onNotice, error: onError });
    };
    const onNotice = () => {
      const notice = own.isWriting() ? 'own' : 'other';
      const next: State = { ...CHECK_SOON, notice };
      // Further notices do not delay a scheduled check.
      if (state.name === 'checking' && state.step === 0) state = next;
      else enter(next);
      if (notice === 'other') subscriber.next();
    };
    const onTimer = () => {
      const isAppending = own.isAppending();
      if (isAppending && state.name === 'checking' && state.notice === 'own') {
        enter({ name: 'suppressed', commits: own.commits() });
        return;
      }
      if (isAppending && state.name === 'suppressed') {
        const previous = state.commits;
        const commits = own.commits();
        enter({ name: 'suppressed', commits });
        if (commits === previous) subscriber.next();
        return;
      }
      // Watch the file before the check, so that a write between the two is not missed.
      enter(state.name === 'checking' ? afterCheck(state) : CHECK_SOON);
      subscriber.next();
    };

    openNotices();
    const first = state as State;
    if (first.name === 'lost') subscriber.error(first.error);
    return () => {
      notices.unsubscribe();
      timer.unsubscribe();
    };
  });
