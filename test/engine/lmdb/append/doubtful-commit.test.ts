import type { RootDatabase } from 'lmdb';
import { StoreError } from 'rx-watcher';
import type { LmdbEventStore } from 'rx-watcher/lmdb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { testEnv, testStore } from '../../../support/lmdb/test-store.ts';

const EIO = 5;

describe('a commit that fails with EIO', () => {
  let env: RootDatabase;
  let store: LmdbEventStore;

  beforeEach(async () => {
    env = testEnv();
    store = testStore({ env });
    await store.storeEvent(created(1));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const transact = () => store.transaction((storeEvent) => storeEvent(created(2)));
  const fail = () => {
    throw Object.assign(new Error('Input/output error'), { code: EIO });
  };

  test('a store accepts later writes after a commit has failed with EIO if LMDB can begin another transaction', async () => {
    vi.spyOn(env, 'transactionSync').mockImplementationOnce(fail);

    expect(await failureOf(transact())).toMatchObject({ code: 'ERR_STORE', cause: { code: EIO } });

    expect((await transact()).seqNum).toBe(2);
    expect(await readAll(store)).toHaveLength(2);
  });

  test('a store rejects every write after a commit has failed with EIO and LMDB cannot begin another transaction', async () => {
    vi.spyOn(env, 'transactionSync').mockImplementation(fail);
    const first = await failureOf(transact());
    expect(first).toMatchObject({ code: 'ERR_STORE', cause: { code: EIO } });
    vi.restoreAllMocks();

    for (const write of [transact, () => store.storeEvent(created(3)), () => store.storeCheckpoint('w', 1)]) {
      const failure = await failureOf(write());
      expect(failure).toBeInstanceOf(StoreError);
      expect(failure).toMatchObject({ message: expect.stringContaining('reopen the store'), cause: first });
    }
    expect(await readAll(store)).toHaveLength(1);
  });
});
