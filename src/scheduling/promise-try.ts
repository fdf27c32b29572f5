/**
 * Calls a function immediately and returns its result. If the function throws, returns a rejected Promise.
 *
 * It is not an async function. It runs for each append, and an async function would wrap the result in a second Promise,
 * which takes time.
 */
export function promiseTry<R>(work: () => R): R | Promise<never> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
