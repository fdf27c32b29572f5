/**
 * Calls a function immediately and returns its result. If the function throws, returns a rejected Promise.
 *
 * This is not an async function, because an async function would wrap the result in a second Promise, which would cost time
 * at each append.
 */
export function promiseTry<R>(work: () => R): R | Promise<never> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
