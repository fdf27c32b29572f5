import type { LeaseTable } from '../../engine/contract/lease-table.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore, TransactionWork } from '../../store/event-store.ts';

/**
 * Returns a view of a store in which the checkpoint, the lease and the claim of a watcher are those of one partition. The
 * events and the dead letters are those of the whole store. A run on this view knows only the id of the watcher, so its
 * errors, metrics and dead letters contain this id.
 */
export function partitionStore<E extends Event>(
  store: EventStore<E>,
  watcherId: string,
  partitionId: string,
): EventStore<E> {
  const { internals, transaction } = store;
  const toStored = (id: string) => (id === watcherId ? partitionId : id);
  const storedOf = (id: string) => (id === watcherId ? partitionId : undefined);
  const withPartition =
    <R>(work: TransactionWork<E, R>): TransactionWork<E, R> =>
    (storeEvent, storeCheckpoint, deleteDeadLetter) =>
      work(
        storeEvent,
        (id, seqNum, fence) => storeCheckpoint(toStored(id), seqNum, fence),
        (id, seqNum, fence) => deleteDeadLetter(id, seqNum, fence, storedOf(id)),
      );
  return {
    ...store,
    getCheckpoint: (id) => store.getCheckpoint(toStored(id)),
    storeCheckpoint: (id, seqNum, fence) => store.storeCheckpoint(toStored(id), seqNum, fence),
    storeDeadLetter: (deadLetter, checkpoint, fence) =>
      store.storeDeadLetter(deadLetter, checkpoint, fence, storedOf(deadLetter.watcherId)),
    ...(transaction && {
      transaction: <R>(work: TransactionWork<E, R>) => transaction(withPartition(work)),
    }),
    internals: {
      ...internals,
      claim: (id, owner) => internals.claim(toStored(id), owner),
      leases: internals.leases && partitionLeases(internals.leases, toStored),
    },
  };
}

const partitionLeases = (leases: LeaseTable, toStored: (id: string) => string): LeaseTable => ({
  get: (id) => leases.get(toStored(id)),
  all: () => leases.all(),
  store: (id, lease, revision) => leases.store(toStored(id), lease, revision),
  released$: leases.released$,
});
