import { readFileSync, writeFileSync } from 'node:fs';
import { trimHorizon } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openReadOnlyLmdbStore } from '../../../../src/engine/lmdb/open-read-only-store.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testFile } from '../../../support/lmdb/test-store.ts';

/** Creates a log with three events and a checkpoint, and opens it for reading. */
async function readOnlyLog() {
  const path = testFile();
  const writable = openLmdbStore({ path });
  await writable.storeEvents(span(1, 3).map(created));
  await writable.storeCheckpoint('w', 2);
  await writable.close();
  const before = readFileSync(path);
  const store = openReadOnlyLmdbStore(path, {});
  onTestFinished(() => store.close());
  return { path, store, before };
}

describe('an LMDB store that is open for reading only', () => {
  it('an LMDB store that is open for reading only can read events, checkpoints and watchers', async () => {
    const { store } = await readOnlyLog();
    expect(await firstValueFrom(store.events(trimHorizon(), { live: false }).pipe(toArray()))).toHaveLength(
      3,
    );
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);
    expect(await firstValueFrom(store.watchers())).toMatchObject([{ id: 'w', lag: 1 }]);
  });

  it('an LMDB store that is open for reading only rejects every write, and does not change the file', async () => {
    const { path, store, before } = await readOnlyLog();
    const message = /the store is open for reading only/;
    await expect(store.storeEvent(created(4))).rejects.toThrow(message);
    await expect(store.storeCheckpoint('w', 3)).rejects.toThrow(message);
    await expect(store.deleteCheckpoint('w')).rejects.toThrow(message);
    await expect(store.deleteDeadLetter('w', 1)).rejects.toThrow(message);
    await expect(store.internals.leases?.store('w', { token: 1 }, 0)).rejects.toThrow(message);
    await expect(store.collectGarbage()).rejects.toThrow(message);
    await expect(store.transaction?.(() => 1)).rejects.toThrow(message);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('an LMDB store that is open for reading only can back up the file', async () => {
    const { store } = await readOnlyLog();
    const copy = testFile();
    await store.backup(copy);
    const copied = openReadOnlyLmdbStore(copy, {});
    onTestFinished(() => copied.close());
    expect(await firstValueFrom(copied.getLatestSeqNum())).toBe(3);
  });

  it('a missing file, an empty file or a file of another format cannot be opened for reading only', () => {
    const path = testFile();
    expect(() => openReadOnlyLmdbStore(path, {})).toThrow(/for reading: the file is missing or empty/);
    writeFileSync(path, '');
    expect(() => openReadOnlyLmdbStore(path, {})).toThrow(/for reading: the file is missing or empty/);
    writeFileSync(path, 'text');
    expect(() => openReadOnlyLmdbStore(path, {})).toThrow(/it is not an LMDB data file/);
  });
});
