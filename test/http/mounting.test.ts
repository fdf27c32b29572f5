import { createFeed } from 'rx-watcher/http';
import { createMemoryStore } from 'rx-watcher/memory';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AUTHORIZED, FRAMEWORKS, MOUNT } from '../support/frameworks.ts';
import { SseReader } from '../support/http-body.ts';
import { storeJobs } from './feed-requests.ts';

describe.each(Object.entries(FRAMEWORKS))('a feed in an application of %s', (_framework, start) => {
  async function mounted() {
    const store = createMemoryStore();
    onTestFinished(() => store.close());
    await storeJobs(store, 2);
    const origin = await start(createFeed(store));
    const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      fetch(`${origin}${path}`, { headers: { ...AUTHORIZED, ...headers } });
    return { store, origin, get };
  }

  test('a feed is not reachable by a request that the application has not authenticated', async () => {
    const { origin } = await mounted();
    for (const path of ['/events', '/stream'])
      expect((await fetch(`${origin}${MOUNT}${path}`)).status).toBe(401);
  });

  test('a feed answers under the path of its mount, and leaves other paths to the application', async () => {
    const { get } = await mounted();
    const lines = (await (await get(`${MOUNT}/events`)).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).seqNum)).toEqual([1, 2]);
    expect(await (await get(`${MOUNT}/stream?offset=-1`)).json()).toHaveLength(2);
    expect((await get(`${MOUNT}/other`)).status).toBe(404);
    expect(await (await get('/hello')).text()).toBe('hello');
  });

  test('a feed streams new events to a client of the application, and ends the stream when the store is closed', async () => {
    const { store, get } = await mounted();
    const reader = new SseReader(await get(`${MOUNT}/events?from=latest`, { accept: 'text/event-stream' }));
    expect(await reader.next()).toEqual({ id: '2' });
    await storeJobs(store, 1);
    expect((await reader.next())?.id).toBe('3');
    await store.close();
    expect(await reader.rest()).toEqual([]);
  });
});
