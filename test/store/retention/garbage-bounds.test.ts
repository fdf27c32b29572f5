import { createEventStore, type EventLog, type StoreOptions } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { passEverything } from '../../../src/testing/conformance/support/pass-everything.ts';
import { readAll } from '../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { onEachEngine } from '../../support/each-engine.ts';
import { testFile, testStore } from '../../support/lmdb/test-store.ts';

const COUNT = 5000;

describe('a run of garbage collection', () => {
  onEachEngine((open) => {
    const oldEvents = async (options: StoreOptions) => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000, ...options });
      await store.storeEvents(span(1, COUNT).map(created));
      await passEverything(store);
      time.set(5000);
      return store;
    };

    test('a run of garbage collection ends after the current slice when gcMaxDuration has passed, and the next run continues', async () => {
      const store = await oldEvents({ gcMaxDuration: 0 });

      const { deleted } = await store.collectGarbage();

      expect(deleted).toBeGreaterThan(0);
      expect(deleted).toBeLessThan(COUNT);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 2 * deleted + 1 });
    });
  });
});

test('a run of garbage collection starts no slice of deletions after gcMaxDuration', async () => {
  const time = new VirtualClock();
  const log = createMemoryEventLog();
  /** Engine that advances the clock by four milliseconds for each slice of deletions. */
  const slow: EventLog = {
    ...log,
    trim(trimRequest) {
      time.set(time.now() + 4);
      return log.trim(trimRequest);
    },
  };
  const run = async (gcMaxDuration: number) => {
    const store = createEventStore(slow, { scheduler: time, gcAgeThreshold: 1000, gcMaxDuration });
    return (await store.collectGarbage()).deleted;
  };
  const writer = createEventStore(log, { scheduler: time });
  await writer.storeEvents(span(1, 20_000).map(created));
  await passEverything(writer);
  time.set(5000);

  const slice = await run(1);

  expect(await run(4)).toBe(slice);
  expect(await run(5)).toBe(2 * slice);
  expect(await run(12)).toBe(3 * slice);
});

test('appends are stored between the slices of deletions of a run of garbage collection', async () => {
  const time = new VirtualClock();
  const store = testStore({ path: testFile(), scheduler: time, gcAgeThreshold: 1000 });
  await store.storeEvents(span(1, COUNT).map(created));
  await passEverything(store);
  time.set(5000);
  const ended: string[] = [];

  await Promise.all([
    store.collectGarbage().then(() => ended.push('run')),
    store.storeEvent(created(COUNT + 1)).then(() => ended.push('append')),
  ]);

  expect(ended).toEqual(['append', 'run']);
  expect(seqNums(await readAll(store))).toEqual([COUNT + 1]);
});
