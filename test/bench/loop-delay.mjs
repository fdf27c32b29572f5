import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

const RESOLUTION = 1;

/** Time before and after the work, in milliseconds. The monitor notices only delays between two of its own timers. */
const MARGIN = 10 * RESOLUTION;

/** Returns the longest time, in milliseconds, for which the event loop is blocked while the work runs. */
export async function longestLoopDelay(work) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  await wait(MARGIN);
  await work();
  await wait(MARGIN);
  delay.disable();
  return delay.max / 1e6 - RESOLUTION;
}
