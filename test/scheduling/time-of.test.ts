import { StoreError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { expect, test } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { created } from '../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';

test.each([Number.NaN, 8.65e15, -8.65e15])(
  'a clock that returns %d makes appends and garbage collection fail, and does not affect later timestamps',
  async (invalid) => {
    const time = new VirtualClock();
    const store = createMemoryStore({ scheduler: time, gcAgeThreshold: 1 });
    const now = time.now.bind(time);
    await store.storeEvent(created(1));
    await store.storeCheckpoint('w', 1);

    time.now = () => invalid;
    expect(await failureOf(store.storeEvent(created(2)))).toBeInstanceOf(StoreError);
    expect(await failureOf(store.collectGarbage())).toBeInstanceOf(StoreError);
    time.now = now;
    time.set(7);

    expect((await store.storeEvent(created(2))).timestamp).toEqual(new Date(7));
  },
);
