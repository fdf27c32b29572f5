/**
 * Calls a function immediately and returns its Promise. If the function throws, the Promise is rejected.
 *
 * Not an async function: the path of each event must be short. An engine's Promise can also be an Observable, and an async
 * function would replace it.
 */
export function promiseTry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
