import type { Database } from 'lmdb';
import type { EventStore, StoreOptions } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { created, request } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualTime } from '../../../../src/testing/conformance/support/virtual-time.ts';
import { openEnv } from '../../../conformance/lmdb-log.ts';
import { temporaryDirectory } from '../../../conformance/temporary-directory.ts';

/** A log of three chunks, 1 to 3, 4 to 6 and 7 to 9. All its events are Jobs, but 5 is a Node called Saturn. */
export interface DamagedLog {
  /** Opens it, after a change was made to the bytes of a chunk: the middle one, if none is named by its last number. */
  damage(
    change: (chunk: Buffer) => unknown,
    lastSeqNum?: number,
    options?: StoreOptions,
  ): Promise<EventStore>;
  /** Opens it, after chunks were changed, moved or removed: each is under the number of its last event. */
  changed(
    change: (chunks: Database<Buffer, number>) => Promise<unknown>,
    options?: StoreOptions,
  ): Promise<EventStore>;
  /** Closes and removes it. */
  remove(): Promise<void>;
}

/** Makes the log, whole at first. */
export async function damagedLog(): Promise<DamagedLog> {
  const directory = await temporaryDirectory();
  const env = openEnv(directory.file('events.lmdb'));
  const writer = openLmdbStore({ env });
  await writer.storeEvents([created(1), created(2), created(3)]);
  await writer.storeEvents([created(4), request('CREATE', 'Node', 'Saturn'), created(6)]);
  await writer.storeEvents([created(7), created(8), created(9)]);
  await writer.close();
  const chunks = env.openDB<Buffer, number>({ name: 'events', encoding: 'binary' });
  let store: EventStore | undefined;
  const changed: DamagedLog['changed'] = async (change, options = {}) => {
    await change(chunks);
    store = openLmdbStore({ scheduler: new VirtualTime(), ...options, env });
    return store;
  };
  return {
    changed,
    damage: (change, lastSeqNum = 6, options = {}) =>
      changed((chunks) => {
        const chunk = Buffer.from(chunks.get(lastSeqNum) as Buffer);
        change(chunk);
        return chunks.put(lastSeqNum, chunk);
      }, options),
    async remove() {
      await store?.close();
      await env.close();
      await directory.remove();
    },
  };
}
