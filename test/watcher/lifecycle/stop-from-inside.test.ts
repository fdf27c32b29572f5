import { defer, firstValueFrom, type ObservableInput, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { statsIn } from '../../support/watcher/managed-watcher.ts';

// A stop that waits for its own attempt never settles, so the test would time out.
const timeout = 3000;

type Handle = (stop: () => Promise<void>) => ObservableInput<unknown>;

async function* iterate(work: () => Promise<unknown>) {
  yield 'a';
  await nextTurn();
  yield await work();
}

const KINDS: [string, Handle][] = [
  ['an async function', (stop) => stop()],
  ['an async function after an await', (stop) => nextTurn().then(stop)],
  ['an Observable', (stop) => defer(stop)],
  ['an Observable in a later turn', (stop) => defer(() => nextTurn().then(stop))],
  ['an async generator', (stop) => iterate(stop)],
];

describe('a stop that a handler or a subscriber calls', { timeout }, () => {
  it.each(KINDS)(
    'a stop does not wait for the attempt of a handler that calls stop in %s',
    async (_name, handle) => {
      const store = createMemoryStore();
      fillUp(store, 4);
      const order: string[] = [];
      const watcher: Watcher = createManager(store).create('w', {
        handler: ({ seqNum }) =>
          seqNum === 2
            ? handle(async () => {
                await watcher.stop();
                order.push(`stop resolved: ${watcher.stats().state}`);
              })
            : nextTurn(),
      });
      watcher.outcomes$.subscribe(({ seqNum, status }) => order.push(`${seqNum} ${status}`));
      watcher.start();
      await statsIn(watcher, 'stopped');
      expect(order).toEqual(['1 handled', 'stop resolved: stopping', '2 handled']);
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);
    },
  );

  it('if a synchronous handler calls stop, the watcher stops after the current event', async () => {
    const store = createMemoryStore();
    fillUp(store, 4);
    const seqNums: number[] = [];
    const watcher: Watcher = createManager(store).create('w', {
      handler: ({ seqNum }) => {
        seqNums.push(seqNum);
        if (seqNum === 2) void watcher.stop();
      },
    });
    watcher.start();
    await statsIn(watcher, 'stopped');
    expect(seqNums).toEqual([1, 2]);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);
  });

  it('a watcher that the handler of another watcher stops waits for its own attempt in flight', async () => {
    const store = createMemoryStore();
    fillUp(store, 1);
    const manager = createManager(store);
    const order: string[] = [];
    const byHand = new ManualHandler();
    const slow = manager.create('slow', { autoStart: true, handler: byHand.handler });
    const attempt = await byHand.attempt(1);
    const called = new Subject<void>();
    const quick = manager.create('quick', {
      autoStart: true,
      handler() {
        const stopped = slow.stop().then(() => order.push('stopped'));
        called.next();
        return stopped;
      },
    });
    const handled = firstValueFrom(quick.outcomes$);
    await firstValueFrom(called);
    order.push('slow handled');
    attempt.finish();
    await handled;
    expect(order).toEqual(['slow handled', 'stopped']);
    await manager.stop();
  });

  it('if a handler stops its manager, the stop waits only for the other watchers', async () => {
    const store = createMemoryStore();
    fillUp(store, 1);
    const manager = createManager(store);
    const order: string[] = [];
    const byHand = new ManualHandler();
    manager.create('slow', { autoStart: true, handler: byHand.handler });
    const attempt = await byHand.attempt(1);
    const called = new Subject<void>();
    const quick = manager.create('quick', {
      autoStart: true,
      handler() {
        const stopped = manager.stop().then(() => order.push('manager stopped'));
        called.next();
        return stopped;
      },
    });
    await firstValueFrom(called);
    order.push('slow handled');
    attempt.finish();
    await statsIn(quick, 'stopped');
    expect(order).toEqual(['slow handled', 'manager stopped']);
    expect(manager.watchers().map((watcher) => watcher.stats().state)).toEqual(['stopped', 'stopped']);
  });

  it('a stop waits until the checkpoint is stored if a subscriber of outcomes$ calls stop', async () => {
    const { store, gate } = gatedStore();
    fillUp(store, 3);
    const order: string[] = [];
    const watcher = createManager(store).create('w', { handler: () => nextTurn() });
    const stopped = new Promise<void>((resolve) => {
      watcher.outcomes$.subscribe(({ seqNum }) => {
        if (seqNum !== 1) return;
        void watcher.stop().then(() => {
          order.push('stopped');
          resolve();
        });
      });
    });
    watcher.start();
    await firstValueFrom(watcher.outcomes$);
    await nextTurn();
    order.push(`write of ${gate.writes}`);
    await gate.finish();
    await stopped;
    expect(order).toEqual(['write of 1', 'stopped']);
  });
});
