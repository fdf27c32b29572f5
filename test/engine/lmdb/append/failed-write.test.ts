import type { RootDatabase } from 'lmdb';
import { type EventStore, latest, StoreError, trimHorizon } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testEnv, testStore } from '../../../support/lmdb/test-store.ts';

describe('a store on an environment that the application has closed', () => {
  let env: RootDatabase;
  let store: EventStore;

  beforeEach(async () => {
    env = testEnv();
    store = testStore({ env });
    await store.storeEvent(created(1));
    await env.close();
  });

  test('each append is rejected with a StoreError after the application has closed the LMDB environment', async () => {
    for (const failure of await Promise.all(span(1, 5).map((n) => failureOf(store.storeEvent(created(n)))))) {
      expect(failure).toBeInstanceOf(StoreError);
    }
    expect(await failureOf(store.storeEvents([created(1)]))).toBeInstanceOf(StoreError);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['events', () => firstValueFrom(store.events(trimHorizon()))],
    ['getEvents', () => firstValueFrom(store.getEvents({ iterator: latest() }))],
    ['getLatestSeqNum', () => firstValueFrom(store.getLatestSeqNum())],
    ['storeCheckpoint', () => store.storeCheckpoint('w', 1)],
    ['getCheckpoint', () => firstValueFrom(store.getCheckpoint('w'))],
    ['checkpoints', () => firstValueFrom(store.checkpoints())],
    ['deleteCheckpoint', () => store.deleteCheckpoint('w')],
  ])(
    'a call of %s fails with a StoreError after the application has closed the LMDB environment',
    async (_name, call) => {
      const failure = await failureOf(call());

      expect(failure).toBeInstanceOf(StoreError);
    },
  );

  test('a store can still be closed after the application has closed its LMDB environment', async () => {
    await expect(store.close()).resolves.toBeUndefined();
  });
});
