import { createMemoryStore } from 'rx-watcher/memory';
import { expect, test } from 'vitest';
import { readAll } from '../../../src/testing/conformance/support/read-all.ts';

test('an event that storeEvent returns and an event that a read returns are plain objects', async () => {
  const store = createMemoryStore();
  const request = { operation: 'CREATE', objectType: 'Order', object: { id: 1 } } as const;

  const stored = await store.storeEvent(request);
  const [read] = await readAll(store);

  for (const event of [stored, read]) {
    expect(event).toStrictEqual({ seqNum: 1, ...request, timestamp: stored.timestamp });
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect(structuredClone(event)).toStrictEqual(event);
  }
});
