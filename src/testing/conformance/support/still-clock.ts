import { VirtualTimeScheduler } from 'rxjs';

/**
 * Creates a scheduler with a constant time in 2026.
 *
 * Without progress of time, a replay never yields to the event loop. It then emits the same events synchronously on a slow
 * machine.
 */
export function stillClock(): VirtualTimeScheduler {
  const clock = new VirtualTimeScheduler();
  clock.frame = Date.UTC(2026, 0, 31);
  return clock;
}
