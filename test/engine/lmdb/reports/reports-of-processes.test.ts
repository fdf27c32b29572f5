import { hostname } from 'node:os';
import { createManager, type EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { startProcess } from '../../../support/program.ts';

const script = new URL('./report-watcher.mjs', import.meta.url);
const watchersOf = (store: EventStore) => firstValueFrom(store.watchers());

describe('store.watchers() of an LMDB store', () => {
  const directory = eachDirectory();

  test('store.watchers() emits a watcher of another process with its state, and in state unknown after its manager has stopped', async () => {
    const path = directory.file('events.lmdb');
    const program = startProcess(script, path);
    const pid = Number(await program.readLine());
    const store = openLmdbStore({ path });

    expect(await watchersOf(store)).toMatchObject([
      { id: 'w', state: 'running', owner: { host: hostname(), pid }, lag: 0, lagTime: 0, stale: false },
    ]);
    await program.end();

    expect(await watchersOf(store)).toMatchObject([
      { id: 'w', state: 'unknown', checkpoint: 0, stale: false },
    ]);
    await store.close();
  });

  test('store.watchers() emits a watcher of another process as stale after that process was killed', async () => {
    const path = directory.file('events.lmdb');
    const program = startProcess(script, path);
    const pid = Number(await program.readLine());
    await program.kill();
    const clock = new VirtualClock();
    const store = openLmdbStore({ path, scheduler: clock });

    clock.set(Date.now());
    expect(await watchersOf(store)).toMatchObject([
      { id: 'w', state: 'running', owner: { pid }, stale: false },
    ]);
    clock.set(Date.now() + 60_000);
    expect(await watchersOf(store)).toMatchObject([
      { id: 'w', state: 'running', owner: { pid }, stale: true },
    ]);
    await store.close();
  });

  test('store.watchers() emits the watcher of this process instead of the stale report of a killed process', async () => {
    const path = directory.file('events.lmdb');
    const program = startProcess(script, path);
    await program.readLine();
    await program.kill();
    const clock = new VirtualClock();
    const store = openLmdbStore({ path, scheduler: clock, gcAgeThreshold: 0 });
    clock.set(Date.now() + 60_000);

    const manager = createManager(store, { reportInterval: 1000 });
    manager.create('w', { handler: () => undefined });
    clock.advanceBy(0);
    for (const _ of ['the report', 'the deletion']) await store.deleteCheckpoint('other');

    expect(await watchersOf(store)).toMatchObject([{ id: 'w', state: 'idle', owner: { pid: process.pid } }]);
    await store.close();
  });
});
