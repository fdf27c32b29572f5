import { latest } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { startProcess } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const APPEND = new URL('./append-unacknowledged.mjs', import.meta.url);
const HOLD = new URL('../engine/lmdb/many/hold-lock.mjs', import.meta.url);

test('an append with an id stores nothing if a killed process had committed the event but had not yet received the acknowledgement', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  const store = openLmdbStore({ path });

  for (const [index, id] of ['payment-1', 'payment-2'].entries()) {
    const committed = firstValueFrom(store.events(latest()));
    const appending = startProcess(APPEND, path, id);
    expect(await appending.readLine()).toBe('open');
    const holding = startProcess(HOLD, path);
    expect(await holding.readLine()).toBe('held');
    appending.writeLine('append');
    expect(await appending.readLine()).toBe('blocked');
    await holding.end();
    const event = await committed;
    await appending.kill();

    const retried = await store.storeEvent({
      operation: 'CREATE',
      objectType: 'Payment',
      object: 'retry',
      id,
    });
    expect(retried).toEqual(event);
    expect(retried).toMatchObject({ id, seqNum: index + 1, object: { by: 'killed' } });
  }
  expect(await readAll(store)).toHaveLength(2);
  await store.close();
  await directory.remove();
});
