import { type EventStore, StoreClosedError, StoreError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { type FaultyMethod, faultyStore, request } from 'rx-watcher/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { deadLetter } from '../../src/testing/conformance/support/dead-letters.ts';
import { everyCall } from '../../src/testing/conformance/support/every-call.ts';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { testStore } from '../support/lmdb/test-store.ts';

const calls = [...everyCall, ['close', (store: EventStore) => store.close()] as const].map(
  ([name, call]) => [name.split(' ')[0] as FaultyMethod, call] as const,
);

const diskFull = new StoreError('disk full');

/** Creates a store with an event, a checkpoint and a dead letter. */
async function createFilledStore(): Promise<EventStore> {
  const store = createMemoryStore({ scheduler: new VirtualClock() });
  await store.storeEvent(request());
  await store.storeCheckpoint('w', 1);
  await store.storeDeadLetter(deadLetter(1));
  return store;
}

describe('the store that faultyStore returns', () => {
  it.each(calls)(
    'a faulty store fails a call of %s without a call of the original store',
    async (method, call) => {
      const store = await createFilledStore();
      const faulty = faultyStore(store, [{ method, error: diskFull }]);

      expect(await failureOf(call(faulty))).toBe(diskFull);

      expect(await readAll(store)).toHaveLength(1);
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(1);
      expect(await firstValueFrom(store.deadLetters('w'))).toMatchObject({ seqNum: 1 });
    },
  );

  it.each(calls)(
    'a faulty store passes a call of %s to the original store if only other methods are faulty',
    async (method, call) => {
      const others = calls.filter(([other]) => other !== method);
      const faulty = faultyStore(
        await createFilledStore(),
        others.map(([other]) => ({ method: other, error: diskFull })),
      );

      expect(await call(faulty)).toEqual(await call(await createFilledStore()));
    },
  );

  it.each(calls)(
    'a faulty store passes the second call of %s to the original store if only the first call is faulty',
    async (method, call) => {
      const faulty = faultyStore(await createFilledStore(), [{ method, calls: 1, error: diskFull }]);

      expect(await failureOf(call(faulty))).toBe(diskFull);
      expect(await call(faulty)).toEqual(await call(await createFilledStore()));
    },
  );

  it('a faulty store has all other members of the original store, which does not change', async () => {
    const store = createMemoryStore();
    const before = { ...store };
    const faulty = faultyStore(store, [{ method: 'getEvents', error: diskFull }]);

    expect({ ...store }).toEqual(before);
    expect(faulty.closed$).toBe(store.closed$);
    expect(faulty.internals).toBe(store.internals);
    await store.close();
    expect(await failureOf(faulty.storeEvent(request()))).toBeInstanceOf(StoreClosedError);
  });

  it('a faulty store has the additional methods of an LMDB store if the original store is one', async () => {
    const store = testStore();
    const faulty = faultyStore(store, [{ method: 'storeEvent', error: diskFull }]);

    await faulty.transaction((storeEvent) => storeEvent(request()));

    expect(await readAll(store)).toHaveLength(1);
  });
});
