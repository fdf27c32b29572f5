import { defer, type Observable, Subscription, using } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import type { WatcherLog } from '../watcher-log.ts';

/** Parts of a watcher that runs without a lease, even if another process holds the lease of the same id. */
export interface LeaselessWatcher<E extends Event> {
  readonly store: EventStore<E>;
  readonly watcherId: string;
  readonly options: Pick<ResolvedWatchOptions<E>, 'ephemeral'>;
  readonly log: WatcherLog;
}

/** Reads the lease of the watcher id once, and logs a warning if the lease has a holder. */
function checkLease<E extends Event>({ store, watcherId, options, log }: LeaselessWatcher<E>): Subscription {
  const { leases } = store.internals;
  // An ephemeral watcher may run at the same time as another one, because it has no checkpoint.
  if (leases === undefined || options.ephemeral) return Subscription.EMPTY;
  return defer(() => leases.get(watcherId)).subscribe({
    next: (lease) => {
      if (lease?.owner !== undefined) log.leaseIgnored(lease.owner);
    },
    // The run reads the same store, and reports a store that cannot be read.
    error: () => undefined,
  });
}

/**
 * Subscribes to the run of a watcher without a lease. Logs a warning if another process holds the lease of its id, because
 * both would handle every event. The run does not wait for the read of the lease.
 */
export const warnOfLease = <E extends Event, T>(
  watcher: LeaselessWatcher<E>,
  run: Observable<T>,
): Observable<T> =>
  using(
    () => checkLease(watcher),
    () => run,
  );
