import type { RootDatabase } from 'lmdb';
import { clearInterval, setInterval } from '../../../scheduling/clock.ts';
import { wakeWaitingThreads } from './wake-waiting-threads.ts';
import { withRealTimers } from './with-real-timers.ts';

/** Interval at which the threads that wait for the writer lock are woken, in milliseconds. */
const WAKE_INTERVAL = 1000;

/**
 * Key that no table uses. A conditional write on this key makes LMDB's thread acquire the writer lock and release it again.
 */
const NO_KEY = 'rx-watcher';

/**
 * Wakes the threads that wait for the writer lock, every second until the returned function is called.
 *
 * @param onWake - Called after each wake-up, with the time since the start, in milliseconds.
 */
export function wakeEverySecond(onWake: (waited: number) => void = () => undefined): () => void {
  let waited = 0;
  const timer = setInterval(() => {
    waited += WAKE_INTERVAL;
    wakeWaitingThreads();
    onWake(waited);
  }, WAKE_INTERVAL).unref();
  return () => clearInterval(timer);
}

/**
 * Resolves when LMDB's thread has acquired the writer lock and released it again. The calling thread does not wait for the
 * lock itself, because its event loop would be blocked while another process holds the lock.
 */
export const untilWriterLockIsFree = (env: RootDatabase): Promise<unknown> =>
  withRealTimers(() => env.ifNoExists(NO_KEY, () => undefined));
