/**
 * Calls a function immediately and returns its Promise. If the function throws, the Promise is rejected.
 *
 * It is not an async function for two reasons. The path of each event must be short. An engine's Promise can also be an
 * Observable, and an async function would return another Promise, which is not an Observable.
 */
export function promiseTry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
