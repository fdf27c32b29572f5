import { setImmediate, setTimeout } from '../../../scheduling/clock.ts';

/**
 * Does synchronous work of lmdb-js, which begins to write in an immediate that it takes from the global object. A test's
 * fake immediate might never come.
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
