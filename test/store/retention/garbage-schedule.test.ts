import { createEventStore, type EventLog, type EventStore, StoreError, type Trouble } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { passEverything } from '../../../src/testing/conformance/support/pass-everything.ts';
import { readAll } from '../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { onEachEngine, pendingWrites } from '../../support/each-engine.ts';
import { silent } from '../../support/silent-logger.ts';

const HOUR = 3_600_000;

/** Returns the sequence numbers of the log after all pending writes. */
const remaining = async (store: EventStore) => {
  await pendingWrites(store);
  return seqNums(await readAll(store));
};

describe('garbage collection', () => {
  onEachEngine((open) => {
    test('garbage collection runs each time gcCadence has passed', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1, gcCadence: 1000 });
      await store.storeEvent(created(1));
      await passEverything(store);

      time.advanceBy(999);
      expect(await remaining(store)).toEqual([1]);
      time.advanceBy(1);
      expect(await remaining(store)).toEqual([]);

      await store.storeEvent(created(2));
      time.advanceBy(999);
      expect(await remaining(store)).toEqual([2]);
      time.advanceBy(1);
      expect(await remaining(store)).toEqual([]);
    });

    test('garbage collection runs every ten minutes by default', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1 });
      await store.storeEvent(created(1));
      await passEverything(store);

      time.advanceBy(HOUR / 6 - 1);
      expect(await remaining(store)).toEqual([1]);
      time.advanceBy(1);
      expect(await remaining(store)).toEqual([]);
    });

    test('scheduled garbage collection runs even if retention.maxAge is the only limit', async () => {
      const time = new VirtualClock();
      const store = await open({
        scheduler: time,
        gcAgeThreshold: 0,
        gcCadence: 1000,
        retention: { maxAge: 1500 },
      });
      await store.storeEvent(created(1));

      time.advanceBy(1000);
      expect(await remaining(store)).toEqual([1]);
      time.advanceBy(1000);
      expect(await remaining(store)).toEqual([]);
    });

    test('scheduled garbage collection runs even if retention.maxEvents is the only limit', async () => {
      const time = new VirtualClock();
      const store = await open({
        scheduler: time,
        gcAgeThreshold: 0,
        gcCadence: 1000,
        retention: { maxEvents: 2 },
      });
      await store.storeEvents([1, 2, 3].map(created));

      time.advanceBy(1000);

      expect(await remaining(store)).toEqual([2, 3]);
    });

    test('garbage collection does not run after the store is closed', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1 });
      expect(time.timers).toBe(1);

      await store.close();

      expect(time.timers).toBe(0);
    });
  });
});

describe('a scheduled run of garbage collection that fails', () => {
  /** Creates a store with an old event, on an engine that fails to delete the event `times` times. */
  const failing = async (times: number, warn: (message: string) => void) => {
    const time = new VirtualClock();
    const log = createMemoryEventLog();
    const trim: EventLog['trim'] = async (trimRequest) => {
      if (times-- > 0) throw new StoreError('the disk failed');
      return log.trim(trimRequest);
    };
    const logger = { ...silent, warn };
    const options = { scheduler: time, gcAgeThreshold: 1, gcCadence: 1000, logger };
    const store = createEventStore({ ...log, trim }, options);
    await store.storeEvent(created(1));
    await passEverything(store);
    return { time, store };
  };

  test('a scheduled run of garbage collection that fails logs a warning and is retried after gcCadence', async () => {
    const warnings: string[] = [];
    const { time, store } = await failing(2, (message) => warnings.push(message));
    const troubles: Trouble[] = [];
    store.trouble$.subscribe((trouble) => troubles.push(trouble));

    for (const runs of [1, 2]) {
      time.advanceBy(1000);
      expect(await remaining(store)).toEqual([1]);
      expect(warnings).toHaveLength(runs);
    }
    time.advanceBy(1000);

    expect(await remaining(store)).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining('the disk failed'),
      expect.stringContaining('the disk failed'),
    ]);
    const kind = 'garbage-collection-failed';
    expect(troubles).toEqual(warnings.map((message) => ({ kind, message, cause: expect.any(StoreError) })));
  });

  test('a scheduled run of garbage collection that fails is retried even if the logger throws', async () => {
    const { time, store } = await failing(1, () => {
      throw new Error('logger failed');
    });

    time.advanceBy(1000);
    expect(await remaining(store)).toEqual([1]);
    time.advanceBy(1000);

    expect(await remaining(store)).toEqual([]);
  });
});

test('no run of garbage collection starts while the previous run is in progress', async () => {
  const time = new VirtualClock();
  const log = createMemoryEventLog();
  const trims: (() => void)[] = [];
  const store = createEventStore(
    {
      ...log,
      async trim(trimRequest) {
        await new Promise<void>((resolve) => trims.push(resolve));
        return log.trim(trimRequest);
      },
    },
    { scheduler: time, gcAgeThreshold: 1, gcCadence: 1000 },
  );
  await store.storeEvent(created(1));
  await passEverything(store);

  time.advanceBy(5000);
  expect(trims).toHaveLength(1);
  trims[0]?.();

  expect(await remaining(store)).toEqual([]);
  await store.storeEvent(created(2));
  time.advanceBy(1000);
  expect(trims).toHaveLength(2);
});
