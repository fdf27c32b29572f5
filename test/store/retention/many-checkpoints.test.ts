import { createEventStore } from 'rx-watcher';
import { expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { created } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';

test('garbage collection respects 200,000 checkpoints, more than a JavaScript function can have arguments', async () => {
  const time = new VirtualClock();
  const log = createMemoryEventLog();
  const store = createEventStore(log, { scheduler: time, gcAgeThreshold: 1000 });
  await store.storeEvents([1, 2, 3].map(created));
  for (let n = 0; n < 200_000; n++) void log.storeCheckpoint(`w${n}`, 3 + n);
  await log.storeCheckpoint('slow', 2);
  time.set(5000);

  expect(await store.collectGarbage()).toEqual({ deleted: 2, oldestSeqNum: 3 });
});
