import { join } from 'node:path';
import type { EventStore, StoreEventRequest } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { testDirectory } from '../support/temporary-directory.ts';

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** Returns the request of event `n`: its type, operation and key follow from the number. */
const numberedRequest = (n: number): StoreEventRequest => ({
  operation: OPERATIONS[(n - 1) % 3] as 'CREATE',
  objectType: n % 2 === 0 ? 'Customer' : 'Order',
  object: { n },
  ...(n % 4 !== 0 && { key: `k${n % 4}` }),
  ...(n % 5 === 0 && { id: `id-${n}`, metadata: { user: 'ann' } }),
});

export const appendNumbered = (store: EventStore, from: number, to: number): Promise<unknown> =>
  store.storeEvents(Array.from({ length: to - from + 1 }, (_, index) => numberedRequest(from + index)));

/** Creates a log with the events 1 to `count`, and a checkpoint of the watcher `mailer`. Returns the path of its file. */
export async function numberedLog(count: number): Promise<string> {
  const path = join(testDirectory(), 'events.lmdb');
  const store = openLmdbStore({ path });
  if (count > 0) await appendNumbered(store, 1, count);
  await store.storeCheckpoint('mailer', Math.floor(count / 2));
  await store.close();
  return path;
}
