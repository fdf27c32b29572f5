import { type EventStore, StoreError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { defer, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Clock } from '../support/clock.ts';
import { nextTurn } from '../support/next-turn.ts';
import { silent } from '../support/silent-logger.ts';
import { inspect } from './inspect.ts';

const PERIOD = 1000;

const append = (store: EventStore) =>
  store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: {} });

/** Creates a store in virtual time. It counts the reads of its figures, and can fail. */
function observed() {
  const clock = new Clock();
  const errors: string[] = [];
  const logger = { ...silent, error: (message: string) => void errors.push(message) };
  const store = createMemoryStore({ scheduler: clock, logger });
  const state = { reads: 0, failure: undefined as Error | undefined };
  const info = () =>
    defer(() => {
      state.reads++;
      return state.failure === undefined ? store.info() : throwError(() => state.failure);
    });
  return { clock, store, state, errors, client: inspect({ store: { ...store, info } }) };
}

describe('GET api/live', () => {
  it('GET api/live begins with all figures', async () => {
    const { client } = observed();
    const live = await client.stream('api/live');
    expect([await live.next(), await live.next(), await live.next()]).toMatchObject([
      { name: 'overview', data: { latestSeqNum: 0, engine: 'memory' } },
      { name: 'watchers', data: { watchers: [] } },
      { name: 'leases', data: { leases: [] } },
    ]);
  });

  it('GET api/live sends figures again only if they have changed', async () => {
    const { client, clock, store } = observed();
    const live = await client.stream('api/live');
    await live.nextNamed('leases');
    await clock.advance(3 * PERIOD);
    await append(store);
    await clock.advance(PERIOD);
    expect(await live.next()).toMatchObject({ name: 'overview', data: { latestSeqNum: 1 } });
    await store.storeCheckpoint('w', 1);
    await clock.advance(PERIOD);
    expect(await live.next()).toMatchObject({ name: 'overview', data: { watchers: { unknown: 1 } } });
    expect(await live.next()).toMatchObject({ name: 'watchers', data: { watchers: [{ id: 'w', lag: 0 }] } });
  });

  it('GET api/live sends the newest figures to a page that reads slowly', async () => {
    const { client, clock, store } = observed();
    const live = await client.stream('api/live');
    await live.nextNamed('leases');
    for (let count = 1; count <= 5; count++) {
      await append(store);
      await clock.advance(PERIOD);
    }
    expect(await live.next()).toMatchObject({ name: 'overview', data: { latestSeqNum: 5 } });
    await append(store);
    await clock.advance(PERIOD);
    expect(await live.next()).toMatchObject({ name: 'overview', data: { latestSeqNum: 6 } });
  });

  it('GET api/live reads the store once per second for any number of connected browsers, and not at all without one', async () => {
    const { client, clock, state } = observed();
    await clock.advance(10 * PERIOD);
    expect(state.reads).toBe(0);
    const pages = await Promise.all(Array.from({ length: 20 }, () => client.stream('api/live')));
    for (const page of pages) await page.nextNamed('leases');
    expect(state.reads).toBe(1);
    await clock.advance(PERIOD);
    expect(state.reads).toBe(2);
    for (const page of pages.slice(1)) await page.close();
    await clock.advance(PERIOD);
    expect(state.reads).toBe(3);
    await pages[0]?.close();
    await clock.advance(10 * PERIOD);
    expect({ reads: state.reads, timers: clock.timers }).toEqual({ reads: 3, timers: 0 });
  });

  it('HEAD api/live does not read the figures', async () => {
    const { client, clock, state } = observed();
    const { status } = await client.get('api/live', { method: 'HEAD' });
    expect({ status, reads: state.reads, timers: clock.timers }).toEqual({
      status: 200,
      reads: 0,
      timers: 0,
    });
  });

  it('GET api/live sends the overview again after 15 seconds without a change', async () => {
    const { client, clock } = observed();
    const response = await client.fetch('api/live');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const text = async () => Buffer.from((await reader.read()).value ?? []).toString();
    expect(await text()).toBe('retry: 2000\n\n');
    expect(await text()).toMatch(/^event: overview\n/);
    const next = text();
    for (let second = 0; second < 15; second++) await clock.advance(PERIOD);
    expect(await next).toMatch(/^event: overview\ndata: .*\n\n$/);
    await reader.cancel();
    expect(clock.timers).toBe(0);
  });

  it('GET api/live sends a problem when a read fails, and all figures when reads succeed again', async () => {
    const { client, clock, state } = observed();
    const live = await client.stream('api/live');
    await live.nextNamed('leases');
    state.failure = new StoreError('the disk is full');
    await clock.advance(PERIOD);
    expect(await live.next()).toMatchObject({
      name: 'problem',
      data: { status: 503, code: 'ERR_STORE', detail: 'the disk is full' },
    });
    await clock.advance(PERIOD);
    state.failure = undefined;
    await clock.advance(PERIOD);
    expect([await live.next(), await live.next(), await live.next()]).toMatchObject([
      { name: 'overview' },
      { name: 'watchers' },
      { name: 'leases' },
    ]);
  });

  it('GET api/live fails, and reports the error to the logger, when a read fails unexpectedly', async () => {
    const { client, clock, state, errors } = observed();
    const live = await client.stream('api/live');
    await live.nextNamed('leases');
    state.failure = new TypeError('a fault of the program');
    const next = live.next();
    next.catch(() => undefined);
    await clock.advance(PERIOD);
    await expect(next).rejects.toThrow('a fault of the program');
    expect(errors).toEqual(['inspector: a response has failed: a fault of the program']);
    expect(clock.timers).toBe(0);
  });

  it('GET api/live ends when the store is closed', async () => {
    const { client, clock, store } = observed();
    const live = await client.stream('api/live');
    await live.nextNamed('leases');
    const next = live.next();
    await nextTurn();
    await store.close();
    expect(await next).toBeUndefined();
    expect(clock.timers).toBe(0);
  });

  it('GET api/live of a closed store ends immediately', async () => {
    const { client, store } = observed();
    await store.close();
    const live = await client.stream('api/live');
    expect(await live.next()).toBeUndefined();
  });
});
