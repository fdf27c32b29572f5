import { EMPTY, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { createWithSyncStart, managed, started } from '../../support/watcher/managed-watcher.ts';

describe('a watcher that is stopped', () => {
  it('a stopping watcher waits for the attempt in flight, counts its outcome and delivers no other event', async () => {
    const { byHand, watcher, stored } = managed();
    const order: string[] = [];
    watcher.outcomes$.subscribe(({ seqNum }) => order.push(`outcome ${seqNum}`));
    watcher.start();
    const stopped = watcher.stop().then(() => order.push('stopped'));
    expect(watcher.stats().state).toBe('stopping');
    byHand.finish();
    await stopped;
    expect(order).toEqual(['outcome 1', 'stopped']);
    expect(byHand.seqNums).toEqual([1]);
    expect(byHand.contexts[0]?.signal.aborted).toBe(false);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 1 });
    expect(await stored()).toBe(1);
  });

  it('a stopping watcher does not retry an attempt that fails', async () => {
    const { clock, byHand, watcher, stored } = started();
    const stopped = watcher.stop();
    byHand.fail(new Error('no'));
    await stopped;
    expect(byHand.seqNums).toEqual([1]);
    expect(clock.timers).toBe(0);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0, skipped: 0 });
    expect(await stored()).toBe(0);

    watcher.start();
    expect(byHand.seqNums).toEqual([1, 1]);
  });

  it('a stop ends a backoff immediately', async () => {
    const { clock, watcher } = started({ handler: () => throwError(() => new Error('no')) });
    expect(clock.timers).toBe(1);
    await watcher.stop();
    expect(clock.timers).toBe(0);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0, skipped: 0 });
  });

  it('a stop ends the wait for events immediately', async () => {
    const { clock, store, watcher } = started({ handler: () => EMPTY });
    await watcher.stop();
    fillUp(store, 1);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 3 });
    expect(clock.timers).toBe(0);
  });

  it('a stopping watcher waits until the checkpoint after the handled events is stored', async () => {
    const { store, gate } = gatedStore();
    fillUp(store, 3);
    const watcher = createWithSyncStart(store, 'w', { handler: () => EMPTY, autoStart: true });
    const order: string[] = [];
    const stopped = watcher.stop().then(() => order.push('stopped'));
    await gate.finish();
    expect(gate.writes).toEqual([1, 3]);
    order.push('last write');
    expect(watcher.stats().state).toBe('stopping');
    await gate.finish();
    await stopped;
    expect(order).toEqual(['last write', 'stopped']);
    expect(watcher.stats().state).toBe('stopped');
  });

  it('a second call of stop resolves when the first call has resolved', async () => {
    const { watcher } = started({ handler: () => EMPTY });
    await watcher.stop();
    await watcher.stop();
    expect(watcher.stats().state).toBe('stopped');
  });

  it('two concurrent calls of stop both wait for the attempt in flight', async () => {
    const { byHand, watcher } = started();
    const order: string[] = [];
    const both = [
      watcher.stop().then(() => order.push('stopped')),
      watcher.stop().then(() => order.push('stopped')),
    ];
    order.push('finish');
    byHand.finish();
    await Promise.all(both);
    expect(order).toEqual(['finish', 'stopped', 'stopped']);
  });

  it('a stop puts a watcher into state stopped even if the watcher was never started', async () => {
    const { watcher } = managed();
    await watcher.stop();
    expect(watcher.stats().state).toBe('stopped');
    watcher.start();
    expect(watcher.stats().state).toBe('running');
  });

  it('a call of stop resolves even if the watcher has failed', async () => {
    const { store, watcher } = managed({ handler: () => EMPTY });
    await store.storeCheckpoint('w', 9);
    watcher.start();
    await watcher.stop();
    expect(watcher.stats().lastError).toMatchObject({ code: 'ERR_CHECKPOINT' });
  });

  it('a call of stop resolves even if the store is closed', async () => {
    const { store, watcher } = started({ handler: () => EMPTY });
    await store.close();
    await watcher.stop();
    expect(watcher.stats().state).toBe('stopped');
  });
});
