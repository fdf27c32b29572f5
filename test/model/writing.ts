import type { Database } from 'lmdb';
import type { Event, EventStore, StoreEventRequest } from 'rx-watcher';
import type { LmdbEventStore } from 'rx-watcher/lmdb';

/** A store; one on LMDB has transactions, one in an application's environment has a table of the application beside it. */
export type AppStore = EventStore &
  Partial<Pick<LmdbEventStore, 'transaction'>> & { readonly own?: Database<number, string> };

/** Something to be written, all of it or nothing. */
export interface Write {
  readonly as: 'event' | 'batch' | 'transaction';
  readonly requests: readonly StoreEventRequest[];
  /** What a transaction puts into the table of the application. */
  readonly put: readonly [string, number];
  /** Whether a transaction throws when it has done all this. */
  readonly throws: boolean;
}

/** What a transaction that throws throws. */
export const thought = new Error('thought better of it');

/** Whether a request is one that no store takes. */
const isRefused = ({ objectType, object }: StoreEventRequest): boolean =>
  objectType === '' || typeof object === 'bigint';

/** Whether something comes of it. */
export const isDone = ({ requests, throws }: Write): boolean => !throws && !requests.some(isRefused);

/** Writes it. */
export async function begin(
  { transaction, own, ...store }: AppStore,
  { as, requests, put, throws }: Write,
): Promise<readonly Event[]> {
  if (as === 'event') return [await store.storeEvent(requests[0] as StoreEventRequest)];
  if (as === 'batch') return store.storeEvents(requests);
  if (transaction === undefined) throw new Error('this store has no transactions');
  return transaction((storeEvent) => {
    void own?.put(...put);
    const stored = requests.map(storeEvent);
    if (throws) throw thought;
    return stored;
  });
}
