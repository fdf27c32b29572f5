import { Subscription } from 'rxjs';
import { WatcherAlreadyRunningError } from '../errors.ts';

/**
 * Creates the register of the watchers that run on a store in this process.
 *
 * @returns A function that claims an id until what it returns is unsubscribed, and throws a `WatcherAlreadyRunningError` if
 *   the id is claimed already.
 */
export function createClaims(): (watcherId: string) => Subscription {
  const running = new Set<string>();
  return (watcherId) => {
    if (running.has(watcherId)) throw new WatcherAlreadyRunningError(watcherId);
    running.add(watcherId);
    return new Subscription(() => running.delete(watcherId));
  };
}
