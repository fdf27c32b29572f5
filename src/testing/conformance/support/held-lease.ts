import { firstValueFrom } from 'rxjs';
import type { EventStore, Lease, LeaseTable, NewLease } from '../../../index.ts';

export type LeaseStore = EventStore & { readonly internals: { readonly leases: LeaseTable } };

/** Casts a store to a store with leases. Use only for engines that support leases, because nothing is checked. */
export const asLeaseStore = (store: EventStore): LeaseStore => store as LeaseStore;

export const leaseOf = (store: EventStore, watcherId = 'w'): Promise<Lease | undefined> =>
  firstValueFrom(asLeaseStore(store).internals.leases.get(watcherId));

/**
 * Replaces the current lease of a watcher, as another process does. Returns the new revision; `undefined` if the lease has
 * changed meanwhile.
 */
export async function grant(
  store: EventStore,
  lease: NewLease,
  watcherId = 'w',
): Promise<number | undefined> {
  const current = await leaseOf(store, watcherId);
  return asLeaseStore(store).internals.leases.store(watcherId, lease, current?.revision ?? 0);
}
