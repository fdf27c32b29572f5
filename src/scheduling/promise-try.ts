/**
 * Starts work at once; what it throws is a rejection.
 *
 * No async function: the way of each event is to be short, and the engine's own Promise may tell more than another.
 */
export function promiseTry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
