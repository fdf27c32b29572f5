import { createEventStore, type EventLog, type EventStore, StoreError, type Trouble } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { passEverything } from '../../../src/testing/conformance/support/pass-everything.ts';
import { readAll } from '../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualTime } from '../../../src/testing/conformance/support/virtual-time.ts';
import { silent } from '../../silent.ts';
import { onEachEngine, writesAreThrough } from './each-engine.ts';

const HOUR = 3_600_000;

/** The numbers that are left when what was begun is done. */
const left = async (store: EventStore) => {
  await writesAreThrough(store);
  return seqNums(await readAll(store));
};

describe('garbage is collected', () => {
  onEachEngine((open) => {
    test('each gcCadence', async () => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1, gcCadence: 1000 });
      await store.storeEvent(created(1));
      await passEverything(store);

      time.advance(999);
      expect(await left(store)).toEqual([1]);
      time.advance(1);
      expect(await left(store)).toEqual([]);

      await store.storeEvent(created(2));
      time.advance(999);
      expect(await left(store)).toEqual([2]);
      time.advance(1);
      expect(await left(store)).toEqual([]);
    });

    test('every ten minutes, unless it is told otherwise', async () => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1 });
      await store.storeEvent(created(1));
      await passEverything(store);

      time.advance(HOUR / 6 - 1);
      expect(await left(store)).toEqual([1]);
      time.advance(1);
      expect(await left(store)).toEqual([]);
    });

    test('for retention.maxAge alone', async () => {
      const time = new VirtualTime();
      const store = await open({
        scheduler: time,
        gcAgeThreshold: 0,
        gcCadence: 1000,
        retention: { maxAge: 1500 },
      });
      await store.storeEvent(created(1));

      time.advance(1000);
      expect(await left(store)).toEqual([1]);
      time.advance(1000);
      expect(await left(store)).toEqual([]);
    });

    test('for a cap alone too', async () => {
      const time = new VirtualTime();
      const store = await open({
        scheduler: time,
        gcAgeThreshold: 0,
        gcCadence: 1000,
        retention: { maxEvents: 2 },
      });
      await store.storeEvents([1, 2, 3].map(created));

      time.advance(1000);

      expect(await left(store)).toEqual([2, 3]);
    });

    test('until the store closes', async () => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1 });
      expect(time.timers).toBe(1);

      await store.close();

      expect(time.timers).toBe(0);
    });
  });
});

describe('a scheduled run that fails', () => {
  /** An old event in a store whose engine fails to let go of it so many times. */
  const failing = async (times: number, warn: (message: string) => void) => {
    const time = new VirtualTime();
    const log = createMemoryEventLog();
    const trim: EventLog['trim'] = async (trimRequest) => {
      if (times-- > 0) throw new StoreError('the disk has a headache');
      return log.trim(trimRequest);
    };
    const logger = { ...silent, warn };
    const options = { scheduler: time, gcAgeThreshold: 1, gcCadence: 1000, logger };
    const store = createEventStore({ ...log, trim }, options);
    await store.storeEvent(created(1));
    await passEverything(store);
    return { time, store };
  };

  test('is warned about, and tried again at the next turn', async () => {
    const warnings: string[] = [];
    const { time, store } = await failing(2, (message) => warnings.push(message));
    const troubles: Trouble[] = [];
    store.trouble$.subscribe((trouble) => troubles.push(trouble));

    for (const runs of [1, 2]) {
      time.advance(1000);
      expect(await left(store)).toEqual([1]);
      expect(warnings).toHaveLength(runs);
    }
    time.advance(1000);

    expect(await left(store)).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('headache'), expect.stringContaining('headache')]);
    const kind = 'garbage-collection-failed';
    expect(troubles).toEqual(warnings.map((message) => ({ kind, message, cause: expect.any(StoreError) })));
  });

  test('is tried again though the logger throws', async () => {
    const { time, store } = await failing(1, () => {
      throw new Error('out of paper');
    });

    time.advance(1000);
    expect(await left(store)).toEqual([1]);
    time.advance(1000);

    expect(await left(store)).toEqual([]);
  });
});

test('a run that is not over when the next one is due is the only one', async () => {
  const time = new VirtualTime();
  const log = createMemoryEventLog();
  const trims: (() => void)[] = [];
  const store = createEventStore(
    {
      ...log,
      async trim(trimRequest) {
        await new Promise<void>((go) => trims.push(go));
        return log.trim(trimRequest);
      },
    },
    { scheduler: time, gcAgeThreshold: 1, gcCadence: 1000 },
  );
  await store.storeEvent(created(1));
  await passEverything(store);

  time.advance(5000);
  expect(trims).toHaveLength(1);
  trims[0]?.();

  expect(await left(store)).toEqual([]);
  await store.storeEvent(created(2));
  time.advance(1000);
  expect(trims).toHaveLength(2);
});
