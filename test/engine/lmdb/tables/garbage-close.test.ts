import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { passEverything } from '../../../../src/testing/conformance/support/pass-everything.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { testEnv, testFile, testStore } from '../../../support/lmdb/test-store.ts';

const COUNT = 9000;

test('close ends the current run of garbage collection, which deletes nothing afterwards', async () => {
  const env = testEnv();
  const time = new VirtualClock();
  const open = () => testStore({ env, scheduler: time, gcAgeThreshold: 1000 });
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
});

test('a store on a path can be closed during a run of garbage collection, and the run then resolves', async () => {
  for (const _ of span(1, 2)) {
    const time = new VirtualClock();
    const store = testStore({ path: testFile(), scheduler: time, gcAgeThreshold: 1000 });
    await store.storeEvents(span(1, COUNT).map(created));
    await passEverything(store);
    time.set(5000);

    const run = store.collectGarbage();
    await store.close();

    expect((await run).deleted).toBeLessThan(COUNT);
  }
});
