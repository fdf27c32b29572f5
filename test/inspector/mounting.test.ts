import { createManager } from 'rx-watcher';
import { createInspector } from 'rx-watcher/inspector';
import { createMemoryStore } from 'rx-watcher/memory';
import { describe, expect, it } from 'vitest';
import { AUTHORIZED, FRAMEWORKS, MOUNT } from '../support/frameworks.ts';
import { clientOf } from './inspect.ts';

describe.each(Object.entries(FRAMEWORKS))('an inspector in an application of %s', (_framework, start) => {
  async function mounted() {
    const store = createMemoryStore();
    const manager = createManager(store);
    const watcher = manager.create('w', { handler: () => undefined });
    const origin = await start(createInspector({ store, manager, readOnly: false }));
    const asOperator = (request: Request): Promise<Response> => {
      const headers = new Headers(request.headers);
      headers.set('authorization', AUTHORIZED.authorization);
      return fetch(new Request(request, { headers, redirect: 'manual' }));
    };
    return { store, watcher, origin, client: clientOf(asOperator, `${origin}${MOUNT}/`) };
  }

  it('an inspector is not reachable without the authentication of the application', async () => {
    const { origin, watcher } = await mounted();
    for (const path of ['', '/', '/app.js', '/api/overview', '/api/live']) {
      const { status } = await fetch(`${origin}${MOUNT}${path}`, { redirect: 'manual' });
      expect({ path, status }).toEqual({ path, status: 401 });
    }
    const action = await fetch(`${origin}${MOUNT}/api/watchers/w/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect({ status: action.status, state: watcher.stats().state }).toEqual({ status: 401, state: 'idle' });
  });

  it('an inspector serves the files of the page, and leaves other paths to the application', async () => {
    const { client, origin } = await mounted();
    const page = await client.get('');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const [, file] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect({ file, status: (await client.get(file)).status }).toEqual({ file, status: 200 });
    }
    expect(await (await fetch(`${origin}/hello`)).text()).toBe('hello');
  });

  it('an inspector redirects from its path without the final slash to the path with it', async () => {
    const { client, origin } = await mounted();
    const accept = { headers: { accept: 'text/html' } };
    const { status, headers } = await client.get(`${origin}${MOUNT}?theme=dark`, accept);
    const target = new URL(headers.get('location') ?? '', `${origin}${MOUNT}`).href;
    expect({ status, target }).toEqual({ status: 302, target: `${origin}${MOUNT}/?theme=dark` });
  });

  it('an inspector answers requests for data, and performs actions with a body', async () => {
    const { client, store, watcher } = await mounted();
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { n: 1 } });
    expect((await client.get('api/events/1')).body).toMatchObject({ object: { n: 1 } });
    const seek = await client.post('api/watchers/w/seek', { iterator: { type: 'latest' } });
    expect(seek).toMatchObject({ status: 200, body: { id: 'w', state: 'running' } });
    expect(watcher.stats().checkpointIterator).toEqual({ type: 'after_sequence_number', sequenceNumber: 1 });
    expect((await client.get('api/missing')).status).toBe(404);
  });

  it('an inspector streams events and figures, and ends the streams when the store is closed', async () => {
    const { client, store } = await mounted();
    const follow = await client.stream('api/events/follow');
    const live = await client.stream('api/live');
    await live.nextNamed('leases');
    const next = follow.nextNamed('event');
    const later = live.nextNamed('overview');
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: {} });
    expect((await next).id).toBe('1');
    expect((await later).data.latestSeqNum).toBe(1);
    await store.close();
    expect(await follow.next()).toBeUndefined();
    // Figures that were read before the close can still arrive. If the connection were closed without completing the stream,
    // `next` would be rejected.
    while ((await live.next()) !== undefined);
  });
});

it('an inspector below the path /api redirects a browser from its path without a slash', async () => {
  const { fetch } = createInspector({ store: createMemoryStore() });
  const accept = { headers: { accept: 'text/html' } };
  const redirect = await fetch(new Request('http://host.test/api/inspector', accept));
  expect({ status: redirect.status, location: redirect.headers.get('location') }).toEqual({
    status: 302,
    location: './inspector/',
  });
  expect((await fetch(new Request('http://host.test/api/inspector/', accept))).status).toBe(200);
});
