import { firstValueFrom } from 'rxjs';
import type { EventStore, Lease, LeaseTable, NewLease } from '../../../index.ts';

/** A store that keeps leases. */
export type LeaseStore = EventStore & { readonly internals: { readonly leases: LeaseTable } };

/** Takes a store for one that keeps leases, as its engine is said to. */
export const keepingLeases = (store: EventStore): LeaseStore => store as LeaseStore;

/** The lease of a watcher. */
export const leaseOf = (store: EventStore, watcherId = 'w'): Promise<Lease | undefined> =>
  firstValueFrom(keepingLeases(store).internals.leases.get(watcherId));

/** Writes the lease of a watcher over what it is. */
export async function grant(
  store: EventStore,
  lease: NewLease,
  watcherId = 'w',
): Promise<number | undefined> {
  const present = await leaseOf(store, watcherId);
  return keepingLeases(store).internals.leases.store(watcherId, lease, present?.revision ?? 0);
}
