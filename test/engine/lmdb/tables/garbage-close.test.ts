import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { passEverything } from '../../../../src/testing/conformance/support/pass-everything.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const COUNT = 9000;

test('close ends a run of garbage collection, so that the run deletes nothing afterwards', async () => {
  const directory = await temporaryDirectory();
  const env = openEnv(directory.file('events.lmdb'));
  const time = new VirtualClock();
  const open = () => openLmdbStore({ env, scheduler: time, gcAgeThreshold: 1000 });
  const store = open();
  await store.storeEvents(span(1, COUNT).map(created));
  await passEverything(store);
  time.set(5000);

  const run = store.collectGarbage();
  await store.close();
  const reader = open();
  const { nextEventIterator } = await firstValueFrom(
    reader.getEvents({ iterator: { type: 'trim_horizon' }, limit: 1 }),
  );
  const { deleted, oldestSeqNum } = await run;

  expect(deleted).toBeLessThan(COUNT);
  expect(oldestSeqNum).toBe(deleted + 1);
  expect(nextEventIterator).toMatchObject({ sequenceNumber: oldestSeqNum });
  expect(await reader.collectGarbage()).toMatchObject({ oldestSeqNum: COUNT + 1 });
  await reader.close();
  await env.close();
  await directory.remove();
});

test('a store on a path can close during a run of garbage collection, and the run resolves', async () => {
  for (const _ of span(1, 2)) {
    const directory = await temporaryDirectory();
    const time = new VirtualClock();
    const store = openLmdbStore({
      path: directory.file('events.lmdb'),
      scheduler: time,
      gcAgeThreshold: 1000,
    });
    await store.storeEvents(span(1, COUNT).map(created));
    await passEverything(store);
    time.set(5000);

    const run = store.collectGarbage();
    await store.close();

    expect((await run).deleted).toBeLessThan(COUNT);
    await directory.remove();
  }
});
