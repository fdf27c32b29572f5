import { VirtualTimeScheduler } from 'rxjs';

/**
 * Creates a scheduler with a constant time in 2026.
 *
 * Without progress of time, a replay never yields to the event loop. Its synchronous events are then the same on a slow
 * machine.
 */
export function stillClock(): VirtualTimeScheduler {
  const clock = new VirtualTimeScheduler();
  clock.frame = Date.UTC(2026, 0, 31);
  return clock;
}
