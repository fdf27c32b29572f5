import { EMPTY, filter, firstValueFrom, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

describe('several watchers on one store', () => {
  it(
    'several watchers on one store each handle events at their own speed',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job', 'Job');

      expectObservable(watch(store, 'one', { handler: () => cold('-|') }).pipe(asMarbles)).toBe('-123');
      expectObservable(watch(store, 'two', { handler: () => cold('--|') }).pipe(asMarbles)).toBe('--1-2-3');
      expectObservable(watch(store, 'immediate', { handler: () => EMPTY }).pipe(asMarbles)).toBe('(123)');
    }),
  );

  it(
    'a watcher is not delayed by another watcher that fails or has an attempt that never settles',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const failing = watch(store, 'failing', { handler: () => throwError(() => new Error('no')) });
      const stuck = watch(store, 'stuck', { handler: () => cold('-') });
      const healthy = watch(store, 'healthy', { handler: () => cold('--|') });

      expectObservable(failing, '^ 10s !').toBe('-');
      expectObservable(stuck).toBe('-');
      expectObservable(healthy.pipe(asMarbles)).toBe('--1-2');
    }),
  );

  it('several watchers on one store each store a separate checkpoint', async () => {
    const store = createMemoryStore();
    fillUp(store, 4);
    const manager = createManager(store);
    const all = manager.create('all', { handler: () => EMPTY, autoStart: true });
    const failing = manager.create('failing', {
      handler: ({ seqNum }) => (seqNum === 3 ? throwError(() => new Error('no')) : EMPTY),
      autoStart: true,
    });
    await Promise.all([
      firstValueFrom(all.stats$.pipe(filter(({ lag }) => lag === 0))),
      firstValueFrom(failing.stats$.pipe(filter(({ lag }) => lag === 2))),
    ]);
    const stored = await firstValueFrom(store.checkpoints());
    expect(Object.fromEntries(stored)).toEqual({ all: 4, failing: 2 });
    expect(all.stats().state).toBe('running');
    expect(failing.stats().state).toBe('running');
    await manager.stop();
  });

  it(
    'a watcher receives the events that the handler of another watcher stores',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Order', 'Order');
      const jobOf = { operation: 'CREATE', objectType: 'Job', object: {} } as const;
      const orders = watch(store, 'orders', {
        filter: { objectTypes: ['Order'] },
        handler: () => {
          void store.storeEvent(jobOf);
          return cold('--|');
        },
      });
      const jobs = watch(store, 'jobs', { filter: { objectTypes: ['Job'] }, handler: () => cold('-|') });

      expectObservable(jobs.pipe(asMarbles)).toBe('-3-4');
      expectObservable(orders.pipe(asMarbles)).toBe('--1-2');
    }),
  );

  it(
    'a watcher receives 10,000 events that its own handler stores, in order and without recursion',
    withStore(({ store, flush }) => {
      const LAST = 10_000;
      const seqNums: number[] = [];
      fillUp(store, 1);
      const handler = ({ seqNum }: { seqNum: number }) => {
        seqNums.push(seqNum);
        if (seqNum < LAST) fillUp(store, 1);
      };
      watch(store, 'w', { handler, batchSize: 7 }).subscribe();
      flush();
      expect(seqNums).toHaveLength(LAST);
      expect(seqNums.every((seqNum, index) => seqNum === index + 1)).toBe(true);
    }),
  );
});
