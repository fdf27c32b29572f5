import { readdirSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Returns whether a thread of this process waits for the disk. That thread handles no signal until the disk has answered. */
function isWaitingForDisk(): boolean {
  return readdirSync('/proc/self/task').some((id) => {
    try {
      // The state follows the name of the thread, which is in parentheses and can contain any character.
      return /^.*\) D/s.test(readFileSync(`/proc/self/task/${id}/stat`, 'utf8'));
    } catch {
      return false; // the thread has ended
    }
  });
}

/**
 * Makes the threads of this process that wait for LMDB's writer lock check the lock again.
 *
 * On Linux, a wake-up can be lost: the process that was woken is killed before it takes the lock, and meanwhile a third
 * process takes and releases the lock. The lock is then free, but the other threads continue to wait. A signal ends their
 * wait. `setegid` sends a signal to each thread (see nptl(7)). If it sets the group that the process already has, the call
 * has no other effect.
 *
 * Does nothing on other systems, and in worker threads, which have no `setegid`. Does nothing while a thread waits for the
 * disk, because `setegid` would block until that thread handles the signal. Does nothing in a sandbox that forbids `setegid`
 * or hides `/proc`.
 */
export function wakeWaitingThreads(): void {
  if (process.platform !== 'linux' || !isMainThread) return;
  try {
    if (!isWaitingForDisk()) process.setegid?.(process.getegid?.() as number);
  } catch {} // Without the wake-up, the writes wait longer, and a slow write is reported.
}
