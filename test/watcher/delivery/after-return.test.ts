import { asapScheduler, lastValueFrom, queueScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { latest } from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';

it('a watcher with autoStart does not call its handler before create has returned the watcher', async () => {
  const store = createMemoryStore();
  fillUp(store, 2);
  const states: string[] = [];
  const watcher = createManager(store).create('w', {
    autoStart: true,
    handler: () => void states.push(watcher.stats().state),
  });
  expect([watcher.stats().state, states]).toEqual(['running', []]);
  await Promise.resolve();
  expect(states).toEqual(['running', 'running']);
  expect(watcher.stats()).toMatchObject({ skipped: 0, retries: 0 });
});

it.each([
  ['queueScheduler', queueScheduler],
  ['asapScheduler', asapScheduler],
])(
  'a watcher with autoStart on %s does not call its handler before create has returned',
  async (_name, scheduler) => {
    const store = createMemoryStore({ scheduler });
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: {} });
    const seen: number[] = [];
    const watcher = createManager(store).create('w', {
      autoStart: true,
      handler: ({ seqNum }) => void seen.push(seqNum),
    });
    expect(seen).toEqual([]);
    await lastValueFrom(watcher.whenProcessed(1));
    expect(seen).toEqual([1]);
    await watcher.stop();
  },
);

it('a watcher with autoStart resolves its start position during the call of create', async () => {
  const store = createMemoryStore({ scheduler: new VirtualClock() });
  const seen: number[] = [];
  createManager(store).create('w', {
    autoStart: true,
    initialEventIterator: latest(),
    handler: ({ seqNum }) => void seen.push(seqNum),
  });
  fillUp(store, 1);
  expect(seen).toEqual([]);
  await nextTurn();
  expect(seen).toEqual([1]);
});

it('a watcher with autoStart calls its handler without any delay in virtual time', () => {
  const scheduler = new TestScheduler(() => undefined);
  const times: number[] = [];
  scheduler.run(({ flush }) => {
    const store = createMemoryStore({ scheduler });
    fillUp(store, 1);
    createManager(store).create('w', {
      autoStart: true,
      handler: () => void times.push(scheduler.now()),
    });
    expect(times).toEqual([]);
    flush();
    expect(times).toEqual([0]);
  });
});

it('a watcher delivers nothing if stop is called synchronously after start', async () => {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillUp(store, 1);
  const seen: number[] = [];
  const manager = createManager(store);
  manager.create('w', { autoStart: true, handler: ({ seqNum }) => void seen.push(seqNum) });
  await manager.stop();
  await nextTurn();
  expect([seen, clock.timers]).toEqual([[], 0]);
});
