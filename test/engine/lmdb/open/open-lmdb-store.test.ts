import { open, type RootDatabase } from 'lmdb';
import { StoreError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';
import { faultsOf } from './refused-options.ts';

let path: string;

eachDirectory((directory) => {
  path = directory.file('events.lmdb');
});

describe('openLmdbStore with an environment that the application has opened', () => {
  const withEnv = async (env: RootDatabase, run: () => unknown) => {
    try {
      await run();
    } finally {
      await env.close();
    }
  };

  test.each([
    {},
    { overlappingSync: true },
    { noSync: true },
    { overlappingSync: false, noMetaSync: true },
    { overlappingSync: false, useWritemap: true, mapAsync: true },
    { overlappingSync: false, readOnly: true },
  ])('openLmdbStore rejects an environment that was opened with the options %o', async (options) => {
    await openEnv(path).close();
    const env = open({ path, noSubdir: true, ...options });

    await withEnv(env, () => expect(faultsOf({ env })).toEqual(['env']));
  });

  test('openLmdbStore rejects an environment together with a path, and an object that is not an environment', async () => {
    const env = openEnv(path);

    await withEnv(env, () => expect(faultsOf({ env, path })).toEqual(['path']));
    expect(faultsOf({ env: {} })).toEqual(['env']);
  });

  test('openLmdbStore throws a StoreError if the environment is closed', async () => {
    const env = openEnv(path);
    await env.close();

    expect(() => openLmdbStore({ env })).toThrow(StoreError);
  });

  test('openLmdbStore throws a StoreError if the environment was opened with too low a value of maxDbs', async () => {
    const env = open({ path, noSubdir: true, overlappingSync: false, maxDbs: 1 });

    await withEnv(env, () => expect(() => openLmdbStore({ env })).toThrow(StoreError));
  });

  test('a store does not close the environment of the application when the store closes', async () => {
    const env = openEnv(path);
    await withEnv(env, async () => {
      const users = env.openDB<string, string>({ name: 'users' });
      const store = openLmdbStore({ env });
      await store.storeEvent(created(1));
      await store.close();

      await users.put('u1', 'Ada');

      expect(users.get('u1')).toBe('Ada');
      expect(seqNums(await readAll(openLmdbStore({ env })))).toEqual([1]);
    });
  });

  test('stores with different bucket names in one environment have separate logs', async () => {
    const env = openEnv(path);
    await withEnv(env, async () => {
      const ours = openLmdbStore({ env, eventsBucket: 'a', checkpointBucket: 'b' });
      const theirs = openLmdbStore({ env, eventsBucket: 'c', checkpointBucket: 'd' });
      await ours.storeEvents([created(1), created(2)]);
      await ours.storeCheckpoint('w', 2);
      const event = await theirs.storeEvent(created(3));

      expect(event.seqNum).toBe(1);
      expect((await readAll(ours)).map(({ object }) => object)).toEqual([{ n: 1 }, { n: 2 }]);
      expect(await firstValueFrom(theirs.checkpoints())).toEqual(new Map());
      await Promise.all([ours.close(), theirs.close()]);
    });
  });

  test('a store keeps events in the bucket events and checkpoints in the bucket checkpoints by default', async () => {
    const first = openLmdbStore({ path });
    await first.storeEvent(created(1));
    await first.storeCheckpoint('w', 1);
    await first.close();

    const named = openLmdbStore({ path, eventsBucket: 'events', checkpointBucket: 'checkpoints' });
    expect(seqNums(await readAll(named))).toEqual([1]);
    expect(await firstValueFrom(named.getCheckpoint('w'))).toBe(1);
    await named.close();
    const other = openLmdbStore({ path, eventsBucket: 'other', checkpointBucket: undefined });
    expect(await readAll(other)).toEqual([]);
    expect(await firstValueFrom(other.getCheckpoint('w'))).toBe(1);
    await other.close();
  });
});

test('two stores of one process on one LMDB file share the log, and one store works after the other is closed', async () => {
  const [first, second] = [openLmdbStore({ path }), openLmdbStore({ path })];

  await Promise.all([first, second, first, second].map((store, n) => store.storeEvent(created(n))));
  await first.close();
  await second.storeEvent(created(5));

  expect(seqNums(await readAll(second))).toEqual([1, 2, 3, 4, 5]);
  await second.close();
});
