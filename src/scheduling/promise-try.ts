/**
 * Calls a function immediately and returns its result. If the function throws, returns a rejected Promise.
 *
 * It is not an async function, because the path of each event must be short, and because an async function would wrap the
 * result in a new Promise.
 */
export function promiseTry<R>(work: () => R): R | Promise<never> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
