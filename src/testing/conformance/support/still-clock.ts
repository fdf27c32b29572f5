import { VirtualTimeScheduler } from 'rxjs';

/**
 * A clock that stands still, at some time of our days: on it a replay takes no breaks, so that what it emits at once
 * does not depend on how busy the machine is.
 */
export function stillClock(): VirtualTimeScheduler {
  const clock = new VirtualTimeScheduler();
  clock.frame = Date.UTC(2026, 0, 31);
  return clock;
}
