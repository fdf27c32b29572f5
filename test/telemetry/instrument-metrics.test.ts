import type { Histogram } from '@opentelemetry/sdk-metrics';
import { createManager, type Manager, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { instrument } from 'rx-watcher/opentelemetry';
import { firstValueFrom, lastValueFrom, take, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { fillUp } from '../support/watcher/fill.ts';
import { type Point, startSdk } from './start-sdk.ts';

const WATCHER = 'messaging.consumer.group.name';
const HANDLE = {
  'messaging.system': 'rx_watcher',
  'messaging.operation.name': 'handle',
  'messaging.consumer.group.name': 'mailer',
};
const APPEND = { 'messaging.system': 'rx_watcher', 'messaging.operation.name': 'append' };
const request = { operation: 'CREATE', objectType: 'Job', object: {} } as const;

/** Returns the attributes and values of points. */
const valuesOf = (points: readonly Point[] = []) =>
  points.map(({ attributes, value }) => [attributes, typeof value === 'number' ? value : value.count]);

const fail = (): never => {
  throw new RangeError('no');
};

describe('instrument', () => {
  it('instrument counts delivered events and retries, and measures the duration of each attempt', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    fillUp(store, 3);
    instrument(store);
    let calls = 0;
    const options = { handler: () => (++calls === 2 ? fail() : timer(1)), initialBackoff: 1 };
    await lastValueFrom(watch(store, 'mailer', options).pipe(take(3)));
    const points = await sdk.points();
    expect(valuesOf(points['messaging.client.consumed.messages'])).toEqual([[HANDLE, 3]]);
    expect(valuesOf(points['rx_watcher.retries'])).toEqual([[HANDLE, 1]]);
    expect(valuesOf(points['messaging.process.duration'])).toEqual([
      [HANDLE, 3],
      [{ ...HANDLE, 'error.type': 'RangeError' }, 1],
    ]);
    const sum = (points['messaging.process.duration']?.[0]?.value as Histogram | undefined)?.sum;
    expect(sum).toBeGreaterThan(0.002);
    expect(sum).toBeLessThan(60);
  });

  it('instrument counts appended events, and measures the duration of each append', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    instrument(store);
    await store.storeEvent(request);
    await store.storeEvents([request, request]);
    await store.storeEvent({} as never).catch(() => undefined);
    const points = await sdk.points();
    const failed = { ...APPEND, 'error.type': 'InvalidRequestError' };
    expect(valuesOf(points['messaging.client.sent.messages'])).toEqual([
      [APPEND, 3],
      [failed, 1],
    ]);
    expect(valuesOf(points['rx_watcher.append.duration'])).toEqual([
      [{}, 2],
      [{ 'error.type': 'InvalidRequestError' }, 1],
    ]);
  });

  it('instrument measures durations on the scheduler of the store', async () => {
    const sdk = startSdk();
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(() => {
      const store = createMemoryStore({ scheduler });
      fillUp(store, 1);
      instrument(store);
      watch(store, 'mailer', { handler: () => timer(2000, scheduler) })
        .pipe(take(1))
        .subscribe();
    });
    const points = await sdk.points();
    expect(points['messaging.process.duration']?.[0]?.value).toMatchObject({ count: 1, sum: 2 });
  });

  it('instrument counts each event of a batch, and measures one duration per batch', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    fillUp(store, 3);
    instrument(store);
    const batchHandler = () => undefined;
    await lastValueFrom(watch(store, 'mailer', { batchHandler }).pipe(take(3)));
    const points = await sdk.points();
    expect(valuesOf(points['messaging.client.consumed.messages'])).toEqual([[HANDLE, 3]]);
    expect(valuesOf(points['messaging.process.duration'])).toEqual([[HANDLE, 1]]);
  });

  it('instrument reports the error type _OTHER for an error with a class that cannot be read', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    fillUp(store, 1);
    instrument(store);
    const { proxy, revoke } = Proxy.revocable(new Error('no'), {});
    revoke();
    const handler = () => throwError(() => proxy);
    await firstValueFrom(watch(store, 'mailer', { handler, retryStrategy: 'skip', maxRetries: 0 }));
    const points = await sdk.points();
    expect(valuesOf(points['messaging.process.duration'])).toEqual([
      [{ ...HANDLE, 'error.type': '_OTHER' }, 1],
    ]);
    expect(sdk.spans()[0]?.attributes).toMatchObject({ 'error.type': '_OTHER' });
  });

  it('instrument reports only the store that was passed to it', async () => {
    const sdk = startSdk();
    const [store, other] = [createMemoryStore(), createMemoryStore()];
    instrument(store);
    await other.storeEvent(request);
    await firstValueFrom(watch(other, 'mailer', { handler: () => undefined }));
    const points = await sdk.points();
    expect(points['messaging.client.sent.messages']).toBeUndefined();
    expect(points['messaging.process.duration']).toBeUndefined();
    expect(sdk.spans()).toEqual([]);
  });

  it.each<[string, (store: ReturnType<typeof createMemoryStore>, end: () => void) => unknown]>([
    ['its subscription is unsubscribed', (_store, end) => end()],
    ['the store is closed', (store) => store.close()],
  ])('instrument stops reporting when %s', async (_title, end) => {
    const sdk = startSdk();
    const store = createMemoryStore();
    const manager = createManager(store);
    const instrumentation = instrument(manager);
    await end(store, () => instrumentation.unsubscribe());
    manager.create('mailer');
    await store.storeEvent(request).catch(() => undefined);
    expect(await sdk.points()).toEqual({});
    expect(instrumentation.closed).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['a target that is neither a store nor a manager', {}, {}],
    ['a meter without the methods of a meter', createMemoryStore(), { meter: {} }],
    ['a tracer without the methods of a tracer', createMemoryStore(), { tracer: 5 }],
    ['an unknown kind of propagation', createMemoryStore(), { propagation: 'child' }],
    ['an unknown option', createMemoryStore(), { meters: undefined }],
  ])('instrument rejects %s', (_title, target, options) => {
    expect(() => instrument(target as never, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }),
    );
  });
});

describe('the gauges of instrument', () => {
  const gaugesOf = async (sdk: ReturnType<typeof startSdk>, name: string) =>
    valuesOf((await sdk.points())[`rx_watcher.${name}`]);
  const MAILER = { [WATCHER]: 'mailer' };

  /** Instruments a manager with a watcher that has handled three events and was stopped before three further events. */
  async function halted(lease?: true): Promise<Manager> {
    const store = createMemoryStore();
    fillUp(store, 3);
    const manager = createManager(store, { lease });
    instrument(manager);
    const watcher = manager.create('mailer', { handler: () => undefined });
    watcher.start();
    await lastValueFrom(watcher.outcomes$.pipe(take(3)));
    await watcher.stop();
    fillUp(store, 3);
    return manager;
  }

  it('the gauges of instrument contain the lag and the state of each watcher', async () => {
    const sdk = startSdk();
    await halted();
    expect(await gaugesOf(sdk, 'lag')).toEqual([[MAILER, 3]]);
    const states = await gaugesOf(sdk, 'state');
    expect(states).toHaveLength(7);
    expect(states.filter(([, value]) => value === 1)).toEqual([
      [{ ...MAILER, 'rx_watcher.state': 'stopped' }, 1],
    ]);
  });

  it('the gauges of instrument contain no lease if the manager has no leases', async () => {
    const sdk = startSdk();
    await halted();
    expect(await gaugesOf(sdk, 'lease')).toEqual([]);
  });

  it('the gauges of instrument contain 1 for a lease that this process holds', async () => {
    const sdk = startSdk();
    const manager = await halted(true);
    const watcher = manager.lookup('mailer');
    watcher.start();
    fillUp(manager.store, 1);
    await firstValueFrom(watcher.outcomes$);
    expect(await gaugesOf(sdk, 'lease')).toEqual([[MAILER, 1]]);
    await manager.stop();
    expect(await gaugesOf(sdk, 'lease')).toEqual([[MAILER, 0]]);
  });

  it('the gauges of instrument contain the number of stored dead letters', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    fillUp(store, 2);
    const manager = createManager(store);
    instrument(manager);
    const options = { handler: fail, retryStrategy: 'deadLetter', maxRetries: 0, autoStart: true } as const;
    const watcher = manager.create('mailer', options);
    await lastValueFrom(watcher.outcomes$.pipe(take(2)));
    expect(await gaugesOf(sdk, 'dead_letters')).toEqual([[MAILER, 2]]);
    await manager.stop();
  });

  it('the gauges of instrument contain 0 for a watcher that was removed', async () => {
    const sdk = startSdk();
    const manager = await halted();
    expect(await gaugesOf(sdk, 'lag')).toEqual([[MAILER, 3]]);
    await manager.remove('mailer');
    expect(await gaugesOf(sdk, 'lag')).toEqual([[MAILER, 0]]);
    expect(new Set((await gaugesOf(sdk, 'state')).map(([, value]) => value))).toEqual(new Set([0]));
  });

  it('the gauges of instrument contain the age of the oldest event after the checkpoint, even if the watcher does not run', async () => {
    const sdk = startSdk();
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    const store = createMemoryStore({ scheduler });
    const manager = createManager(store);
    instrument(manager);
    manager.create('mailer');
    scheduler.run(({ cold }) => {
      fillUp(store, 2);
      cold('5s (a|)').subscribe();
    });
    expect(await gaugesOf(sdk, 'lag_time')).toEqual([[MAILER, 5]]);
  });

  it('the gauges of instrument contain the lag and the dead letters of all watchers in a store without a manager', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    fillUp(store, 5);
    await store.storeCheckpoint('mailer', 2);
    instrument(store);
    expect(await gaugesOf(sdk, 'lag')).toEqual([[MAILER, 3]]);
    expect(await gaugesOf(sdk, 'dead_letters')).toEqual([[MAILER, 0]]);
    expect(await gaugesOf(sdk, 'state')).toEqual([]);
  });

  it('the gauges of instrument contain the size of the log', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    fillUp(store, 5);
    instrument(store);
    const { bytes } = await firstValueFrom(store.info());
    expect(await gaugesOf(sdk, 'log.size')).toEqual([[{}, bytes]]);
  });
});
