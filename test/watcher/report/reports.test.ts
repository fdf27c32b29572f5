import { createManager, type ManagerOptions } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { statsIn } from '../../support/watcher/managed-watcher.ts';
import { reportCountingStore } from '../../support/watcher/report-counting-store.ts';

const handler = () => undefined;

/** Creates a manager that reports every second, with a running watcher. The clock is after the first report. */
function reporting(options: ManagerOptions = {}) {
  const all = reportCountingStore();
  const manager = createManager(all.store, { reportInterval: 1000, ...options });
  const byHand = new ManualHandler();
  const watcher = manager.create('w', { handler: byHand.handler, autoStart: true });
  all.clock.advanceBy(0);
  return { ...all, manager, watcher, byHand };
}

describe('the report of a manager in the store', () => {
  it('a manager reports 100 new watchers with a single write', () => {
    const { clock, store, writes } = reportCountingStore();
    const manager = createManager(store, { reportInterval: 1000 });
    for (let n = 0; n < 100; n++) manager.create(`w${n}`, { handler, autoStart: true });
    clock.advanceBy(0);
    expect(writes.map(({ watchers }) => watchers.length)).toEqual([100]);
    expect(new Set(writes[0]?.watchers.map(({ state }) => state))).toEqual(new Set(['running']));
  });

  it('the report of a manager is written once in each interval in which the watchers change', () => {
    const { clock, store, writes, manager } = reporting();
    for (const id of ['a', 'b']) manager.create(id, { handler, ephemeral: true, autoStart: true });
    clock.advanceBy(500);
    const before = writes.length;
    for (let second = 0; second < 5; second++) {
      for (let n = 0; n < 4; n++) {
        fillUp(store, 1);
        clock.advanceBy(250);
      }
    }
    expect(writes.length - before).toBe(5);
  });

  it('the report of a manager is written every two intervals if nothing changes', () => {
    const { clock, writes } = reporting();
    clock.advanceBy(10_000);
    expect(writes.map(({ reportedAt }) => reportedAt)).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
  });

  it('the report of a manager is written immediately after a change of state, but at most every 100 ms', () => {
    const { clock, writes, watcher } = reporting();
    clock.advanceBy(500);
    watcher.pause();
    clock.advanceBy(0);
    expect(writes.at(-1)).toMatchObject({ reportedAt: 500, watchers: [{ state: 'paused' }] });
    for (let n = 0; n < 10; n++) {
      watcher.resume();
      watcher.pause();
      watcher.resume();
      clock.advanceBy(20);
    }
    expect(writes.slice(2).map(({ reportedAt }) => reportedAt)).toEqual([600]);
    expect(writes.at(-1)).toMatchObject({ watchers: [{ state: 'running' }] });
  });

  it.each([
    ['reportInterval is 0', { reportInterval: 0 }],
    ['virtual time has no reportInterval', { reportInterval: undefined }],
  ])('the report of a manager is not written, and no timer is set, if %s', (_name, options) => {
    const { clock, writes, watcher } = reporting(options);
    watcher.pause();
    clock.advanceBy(60_000);
    expect([writes, clock.timers]).toEqual([[], 0]);
  });

  it('the report of a manager is not written after the manager has stopped, even if a watcher is removed later', async () => {
    const { clock, writes, deleted, manager } = reporting();
    await manager.stop();
    await manager.remove('w');
    const { length } = writes;
    clock.advanceBy(60_000);
    expect([writes.length - length, deleted.length, clock.timers]).toEqual([0, 1, 0]);
  });

  it('the report of a manager is deleted if a handler stops the manager', async () => {
    const { clock, store, manager, byHand, deleted } = reporting();
    const inside = manager.create('inside', { handler: () => manager.stop(), autoStart: true });
    clock.advanceBy(0);
    fillUp(store, 1);
    expect([inside.stats().state, deleted]).toEqual(['stopping', []]);
    byHand.finish();
    await statsIn(inside, 'stopped');
    expect([deleted.length, clock.timers]).toEqual([1, 0]);
  });

  it('a failed watcher stays in the report of its manager until the manager stops', async () => {
    const { clock, manager, writes, deleted, store } = reportCountingStoreWithFailure();
    await statsIn(manager.lookup('f'), 'failed');
    clock.advanceBy(60_000);
    expect(writes.at(-1)).toMatchObject({ reportedAt: 60_000, watchers: [{ id: 'f', state: 'failed' }] });
    await manager.stop();
    expect(deleted.length).toBe(1);
    expect(await firstValueFrom(store.watchers())).toMatchObject([{ id: 'f', state: 'unknown' }]);
  });

  it('failing writes of the report do not affect the watchers, and the first failure of a series is logged', async () => {
    const { clock, store, next, warnings, watcher, byHand } = reporting();
    const fail = () => Promise.reject(new Error('disk full'));
    next.result = fail;
    watcher.pause();
    watcher.resume();
    fillUp(store, 1);
    for (let n = 0; n < 5; n++) {
      clock.advanceBy(1000);
      await nextTurn();
    }
    byHand.finish();
    expect(warnings.filter((line) => line.includes('cannot report'))).toEqual([
      'cannot report the watchers of this process: disk full',
    ]);
    next.result = undefined;
    clock.advanceBy(2000);
    await nextTurn();
    next.result = fail;
    clock.advanceBy(4000);
    await nextTurn();
    expect(warnings.filter((line) => line.includes('cannot report')).length).toBe(2);
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 1 });
  });

  it('a manager has at most one write of its report in flight, and a stop does not wait for an unfinished write', async () => {
    const { clock, next, writes, manager, watcher, deleted } = reporting();
    next.result = () => new Promise(() => undefined);
    watcher.pause();
    clock.advanceBy(10_000);
    expect(writes.length).toBe(2);
    await manager.stop();
    expect([watcher.stats().state, deleted]).toEqual(['stopped', []]);
  });

  it('the report of a manager is deleted when the store closes, and a later stop of the manager logs nothing', async () => {
    const { clock, store, warnings, manager, deleted, byHand } = reporting();
    fillUp(store, 1);
    byHand.finish();
    await store.close();
    expect(deleted.length).toBe(1);
    await manager.stop();
    clock.advanceBy(60_000);
    expect([deleted.length, clock.timers]).toEqual([1, 0]);
    expect(warnings.filter((line) => line.includes('report'))).toEqual([]);
  });

  it('a report that another version of the library has written in another format is ignored by readers', async () => {
    const { store, table } = reporting();
    for (const [index, text] of ['{', '7', 'null', '{"watchers":1}'].entries()) {
      await table.store(`${index}`, Buffer.from(text));
    }
    expect(await firstValueFrom(store.watchers())).toMatchObject([{ id: 'w', state: 'running' }]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5'])(
    'the option reportInterval cannot have the value %o',
    (reportInterval) => {
      const { store } = reportCountingStore();
      expect(() => createManager(store, { reportInterval: reportInterval as number })).toThrow(
        /reportInterval/,
      );
    },
  );
});

/** Creates a manager with a watcher `f` that fails at its first event. */
function reportCountingStoreWithFailure() {
  const all = reportCountingStore();
  fillUp(all.store, 1);
  const manager = createManager(all.store, { reportInterval: 1000 });
  const fail = () => {
    throw new Error('no');
  };
  manager.create('f', { handler: fail, retryStrategy: 'stop', maxRetries: 0, autoStart: true });
  all.clock.advanceBy(0);
  return { ...all, manager };
}
