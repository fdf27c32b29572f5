import { Subscription } from 'rxjs';
import { WatcherAlreadyRunningError } from '../errors.ts';

/** Register of the watchers that run, seek or redrive on a store object. */
export interface Claims {
  /**
   * Claims an id until the returned subscription is unsubscribed.
   *
   * @param owner - Object that represents the watcher. The same owner can claim its id several times.
   * @throws {@link WatcherAlreadyRunningError} if another owner claims the id.
   */
  readonly claim: (watcherId: string, owner: object) => Subscription;
  /** Returns whether a watcher with this id runs, seeks or redrives on the store object. */
  readonly isClaimed: (watcherId: string) => boolean;
}

export function createClaims(): Claims {
  const claims = new Map<string, { readonly owner: object; count: number }>();
  return {
    claim(watcherId, owner) {
      const present = claims.get(watcherId) ?? { owner, count: 0 };
      if (present.owner !== owner) throw new WatcherAlreadyRunningError(watcherId);
      claims.set(watcherId, present);
      present.count++;
      return new Subscription(() => {
        if (--present.count === 0) claims.delete(watcherId);
      });
    },
    isClaimed: (watcherId) => claims.has(watcherId),
  };
}
