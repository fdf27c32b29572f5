import type { Database } from 'lmdb';
import type { EventStore, StoreOptions } from 'rx-watcher';
import { created, request } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { testEnv, testStore } from '../../../support/lmdb/test-store.ts';

/** Log of three chunks: events 1 to 3, 4 to 6 and 7 to 9. Event 5 is a Node called Saturn, all other events are Jobs. */
export interface DamagedLog {
  /** Changes the bytes of one chunk, by default of the middle chunk with the key 6, and opens the log. */
  damage(
    change: (chunk: Buffer) => unknown,
    lastSeqNum?: number,
    options?: StoreOptions,
  ): Promise<EventStore>;
  /** Changes the table of chunks and opens the log. The key of a chunk is the sequence number of its last event. */
  changed(
    change: (chunks: Database<Buffer, number>) => Promise<unknown>,
    options?: StoreOptions,
  ): Promise<EventStore>;
}

/** Creates the log, without damage. The log is removed when the current test has finished. */
export async function damagedLog(): Promise<DamagedLog> {
  const env = testEnv();
  const writer = testStore({ env });
  await writer.storeEvents([created(1), created(2), created(3)]);
  await writer.storeEvents([created(4), request('CREATE', 'Node', 'Saturn'), created(6)]);
  await writer.storeEvents([created(7), created(8), created(9)]);
  await writer.close();
  const chunks = env.openDB<Buffer, number>({ name: 'events', encoding: 'binary' });
  const changed: DamagedLog['changed'] = async (change, options = {}) => {
    await change(chunks);
    return testStore({ scheduler: new VirtualClock(), ...options, env });
  };
  return {
    changed,
    damage: (change, lastSeqNum = 6, options = {}) =>
      changed((chunks) => {
        const chunk = Buffer.from(chunks.get(lastSeqNum) as Buffer);
        change(chunk);
        return chunks.put(lastSeqNum, chunk);
      }, options),
  };
}
