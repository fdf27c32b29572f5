import { Subscription } from 'rxjs';
import { WatcherAlreadyRunningError } from '../errors.ts';

/** Register of the watchers that run on a store in this process. */
export interface Claims {
  /**
   * Claims an id until the returned subscription is unsubscribed.
   *
   * @throws {@link WatcherAlreadyRunningError} if the id is claimed already.
   */
  readonly claim: (watcherId: string) => Subscription;
  /** Whether an id is claimed. */
  readonly isClaimed: (watcherId: string) => boolean;
}

/** Creates the register of a store, empty. */
export function createClaims(): Claims {
  const running = new Set<string>();
  return {
    claim(watcherId) {
      if (running.has(watcherId)) throw new WatcherAlreadyRunningError(watcherId);
      running.add(watcherId);
      return new Subscription(() => running.delete(watcherId));
    },
    isClaimed: (watcherId) => running.has(watcherId),
  };
}
