import { VirtualTimeScheduler } from 'rxjs';

/**
 * Creates a scheduler with a constant time in 2026.
 *
 * Because no time passes, a replay never yields to the event loop. It therefore emits all events synchronously, even on a
 * slow machine.
 */
export function stillClock(): VirtualTimeScheduler {
  const clock = new VirtualTimeScheduler();
  clock.frame = Date.UTC(2026, 0, 31);
  return clock;
}
