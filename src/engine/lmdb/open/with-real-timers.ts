import { setImmediate, setTimeout } from '../../../scheduling/clock.ts';

/**
 * Calls a function while the real timers replace fake timers of a test. The writes of lmdb-js start with the global
 * `setImmediate`, and a fake one might never call its callback.
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
