import { setImmediate, setTimeout } from '../../../scheduling/clock.ts';

/**
 * Calls a function with the real timers in place of fake ones. lmdb-js starts its writes with the global `setImmediate`.
 * The callback of a fake `setImmediate` might never run.
 */
export function withRealTimers<T>(work: () => T): T {
  if (globalThis.setImmediate === setImmediate && globalThis.setTimeout === setTimeout) return work();
  const fakes = { setImmediate: globalThis.setImmediate, setTimeout: globalThis.setTimeout };
  Object.assign(globalThis, { setImmediate, setTimeout });
  try {
    return work();
  } finally {
    Object.assign(globalThis, fakes);
  }
}
