import type { Database } from 'lmdb';
import type { Event, EventStore, StoreEventRequest } from 'rx-watcher';
import type { LmdbEventStore } from 'rx-watcher/lmdb';

/** Store of an application. On LMDB it has transactions, and in the environment of an application also a table. */
export type AppStore = EventStore &
  Partial<Pick<LmdbEventStore, 'transaction'>> & { readonly appTable?: Database<number, string> };

/** Atomic write. */
export interface Write {
  readonly as: 'event' | 'batch' | 'transaction';
  readonly requests: readonly StoreEventRequest[];
  /** Row that a transaction puts into the table of the application. */
  readonly put: readonly [string, number];
  /** Whether a transaction throws after its writes. */
  readonly throws: boolean;
}

/** Error of a transaction that throws. */
export const transactionFailure = new Error('rolled back');

/** Whether every store rejects the request. */
const isInvalid = ({ objectType, object }: StoreEventRequest): boolean =>
  objectType === '' || typeof object === 'bigint';

/** Whether a store must accept the write. */
export const isStorable = ({ requests, throws }: Write): boolean => !throws && !requests.some(isInvalid);

export async function performWrite(
  { transaction, appTable, ...store }: AppStore,
  { as, requests, put, throws }: Write,
): Promise<readonly Event[]> {
  if (as === 'event') return [await store.storeEvent(requests[0] as StoreEventRequest)];
  if (as === 'batch') return store.storeEvents(requests);
  if (transaction === undefined) throw new Error('this store has no transactions');
  return transaction((storeEvent) => {
    void appTable?.put(...put);
    const stored = requests.map(storeEvent);
    if (throws) throw transactionFailure;
    return stored;
  });
}
