/**
 * Timers for what must go on while a test fakes those of the global object: turns of the event loop, and what a disk or a
 * server does. They are taken at import. What an option lets the user time goes through the scheduler instead.
 */
export const {
  clearImmediate,
  clearInterval,
  clearTimeout,
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
} = globalThis;

/** Milliseconds on a clock that never goes back. */
export const realNow: () => number = performance.now.bind(performance);

/** Milliseconds since 1970 by the wall clock, which may be set at any time. */
export const realWallNow: () => number = Date.now.bind(Date);
