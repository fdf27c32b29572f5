import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';

const COUNT = 300;

const request = (n: number) => ({ operation: 'CREATE', objectType: `type ${n}`, object: { n } }) as const;

describe('a chain of watchers in which the handler of each watcher stores the event for the next watcher', () => {
  it.each([true, false])(
    'each of 300 watchers handles the event that the previous watcher has stored, without recursion (with filters: %s)',
    async (isFiltered) => {
      const store = createMemoryStore();
      const manager = createManager(store);
      const seen: number[] = [];
      for (let n = 0; n < COUNT; n++) {
        manager.create(`w${n}`, {
          autoStart: true,
          ...(isFiltered && { filter: { objectTypes: [`type ${n}`] } }),
          handler({ objectType }) {
            if (objectType !== `type ${n}`) return;
            seen.push(n);
            if (n + 1 < COUNT) void store.storeEvent(request(n + 1));
          },
        });
      }
      await nextTurn();
      await store.storeEvent(request(0));
      const last = manager.lookup(`w${COUNT - 1}`);
      await firstValueFrom(last.whenProcessed(COUNT), { defaultValue: undefined });
      expect(seen).toHaveLength(COUNT);
      await manager.stop();
    },
  );

  it('two watchers on two stores that store events for each other handle 20,000 events without recursion', async () => {
    const stores = [createMemoryStore(), createMemoryStore()] as const;
    let deliveries = 0;
    for (const [index, store] of stores.entries()) {
      createManager(store).create('w', {
        autoStart: true,
        handler() {
          const other = stores[1 - index];
          if (++deliveries < 20_000) void other?.storeEvent(request(0));
        },
      });
    }
    await nextTurn();
    await stores[0].storeEvent(request(0));
    while (deliveries < 20_000) await nextTurn();
    expect(deliveries).toBe(20_000);
  });
});

describe('watchers that share a lease and stop after one event', () => {
  it('300 watchers pass a lease on, each after one event, without recursion', async () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, COUNT);
    const seen: number[] = [];
    const watchers: Watcher[] = [];
    for (let n = 0; n < COUNT; n++) {
      const manager = createManager(store, { lease: true });
      const watcher: Watcher = manager.create('w', {
        handler({ seqNum }) {
          seen.push(seqNum);
          void watcher.stop();
        },
      });
      watchers.push(watcher);
    }
    for (const watcher of [...watchers].reverse()) watcher.start();
    while (seen.length < COUNT) await nextTurn();
    expect(seen).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  });
});

describe('the handlers of two watchers that run at the same time', () => {
  /** Runs a function in the handlers of two watchers at the same time, and returns the manager and both results. */
  async function both(act: (manager: ReturnType<typeof createManager>, other: string) => Promise<unknown>) {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 1);
    const manager = createManager(store);
    const results: Promise<unknown>[] = [];
    for (const [id, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      manager.create(id, {
        async handler() {
          await nextTurn();
          const result = act(manager, other).then(
            () => undefined,
            (error) => error,
          );
          results.push(result);
          await result;
        },
      });
    }
    for (const watcher of manager.watchers()) watcher.start();
    while (results.length < 2) await nextTurn();
    return { manager, results: await Promise.all(results) };
  }

  it('the handlers of two watchers do not deadlock if both stop their manager', async () => {
    const { manager, results } = await both((all) => all.stop());
    expect(results).toEqual([undefined, undefined]);
    await manager.stop();
    expect(manager.watchers().map((watcher) => watcher.stats().state)).toEqual(['stopped', 'stopped']);
  });

  it.each<[string, Parameters<typeof both>[0]]>([
    ['a stop', (manager, other) => manager.lookup(other).stop()],
    ['a seek', (manager, other) => manager.lookup(other).seek(afterSequenceNumber(1))],
    ['a removal', (manager, other) => manager.remove(other)],
  ])(
    'the handlers of two watchers do not deadlock if each handler waits for %s of the other watcher',
    async (_name, act) => {
      expect((await both(act)).results).toEqual([undefined, undefined]);
    },
  );

  it('if two watchers redrive each other in their handlers, the second redrive is rejected', async () => {
    const { results } = await both((manager, other) => manager.redrive(other));
    expect(results).toEqual([undefined, expect.objectContaining({ code: 'ERR_INVALID_STATE' })]);
  });
});
