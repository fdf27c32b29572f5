import { createManager, type EventStore } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Client, inspect } from './inspect.ts';

const MARKUP = '<img src=x onerror=alert(1)>"\'&</script>';

function acting(readOnly: boolean) {
  const store = createMemoryStore();
  const manager = createManager(store);
  onTestFinished(() => manager.stop());
  const watcher = manager.create('w', { handler: () => undefined });
  return { store, watcher, client: inspect({ store, manager, readOnly }) };
}

const ACTIONS = [
  'api/watchers/w/start',
  'api/watchers/w/stop',
  'api/watchers/w/pause',
  'api/watchers/w/resume',
  'api/watchers/w/seek',
  'api/dead-letters/w/1/redrive',
  'api/dead-letters/w/1/delete',
  'api/dead-letters/w/all/redrive',
  'api/dead-letters/w/all/delete',
];

const READS = [
  '',
  'app.js',
  'app.css',
  'api/overview',
  'api/watchers',
  'api/leases',
  'api/events',
  'api/dead-letters',
];

describe('a read-only inspector', () => {
  it.each(ACTIONS)('a read-only inspector rejects POST %s with status 403', async (path) => {
    const { client, watcher } = acting(true);
    const { status, body } = await client.post(path, { iterator: { type: 'latest' } });
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'ERR_READ_ONLY' });
    expect(watcher.stats().state).toBe('idle');
  });

  it('a read-only inspector rejects an action also if it has no manager', async () => {
    const { body } = await inspect({ store: createMemoryStore() }).post('api/watchers/w/start');
    expect(body.code).toBe('ERR_READ_ONLY');
  });
});

describe('an inspector that is not read-only', () => {
  it.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another subdomain', { 'sec-fetch-site': 'same-site' }],
    ['that a person enters as an address', { 'sec-fetch-site': 'none' }],
    ['of another origin, in a browser without Sec-Fetch-Site', { origin: 'http://evil.test' }],
    ['of another port', { origin: 'http://host.test:8080' }],
    ['of a sandboxed page', { origin: 'null' }],
    [
      'of another site, with the origin of the inspector',
      { 'sec-fetch-site': 'cross-site', origin: 'http://host.test' },
    ],
  ])('an inspector rejects each action of a page %s', async (_case, headers) => {
    const { client, watcher } = acting(false);
    for (const path of ACTIONS) {
      const { status, body } = await client.post(path, { iterator: { type: 'latest' } }, headers);
      expect({ path, status, code: body.code }).toEqual({ path, status: 403, code: 'ERR_CROSS_ORIGIN' });
    }
    expect(watcher.stats().state).toBe('idle');
  });

  it.each([
    ['of a page of the inspector', { 'sec-fetch-site': 'same-origin', origin: 'http://host.test' }],
    ['of a page of the inspector, in a browser without Sec-Fetch-Site', { origin: 'http://host.test' }],
    ['of a page after a proxy that ends TLS', { origin: 'https://host.test' }],
    ['of a program', {}],
  ])('an inspector accepts the action %s', async (_case, headers) => {
    const { client } = acting(false);
    const { status } = await client.post('api/watchers/w/start', {}, headers);
    expect(status).toBe(200);
  });

  it.each([
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'text/plain; application/json',
  ])('an inspector rejects an action with the content type "%s" with status 415', async (type) => {
    const { client, watcher } = acting(false);
    const { status, body } = await client.post('api/watchers/w/start', {}, { 'content-type': type });
    expect({ status, code: body.code, state: watcher.stats().state }).toEqual({
      status: 415,
      code: 'ERR_CONTENT_TYPE',
      state: 'idle',
    });
  });

  it.each(ACTIONS)('an inspector does not accept GET for the action %s', async (path) => {
    const { client, watcher } = acting(false);
    const { status, headers, body } = await client.get(path);
    expect({ status, allow: headers.get('allow'), code: body.code }).toEqual({
      status: 405,
      allow: 'POST',
      code: 'ERR_METHOD',
    });
    expect(watcher.stats().state).toBe('idle');
  });
});

describe('each response', () => {
  const expectSecure = (headers: Headers) => {
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  };

  it.each([...READS, 'api/events/1', 'api/events?limit=x', 'api/watchers/w/start', 'api/dead-letters/w/1'])(
    'the response of GET "%s" has a content security policy, and no cache stores it',
    async (path) => {
      const { client } = acting(false);
      expectSecure((await client.get(path)).headers);
    },
  );

  it.each(['api/live', 'api/events/follow'])(
    'the response of the stream %s has a content security policy',
    async (path) => {
      const { client } = acting(false);
      const { headers } = await client.stream(path);
      expectSecure(headers);
      expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
    },
  );

  it.each(READS)('the response to POST "%s" has status 405', async (path) => {
    const { client } = acting(false);
    const { status, headers } = await client.post(path);
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'GET, HEAD' });
  });

  it.each(READS.filter((path) => path.startsWith('api')))(
    'the response to HEAD "%s" has no body',
    async (path) => {
      const { client } = acting(false);
      const { status, headers, body } = await client.get(path, { method: 'HEAD' });
      expect({ status, body }).toEqual({ status: 200, body: '' });
      expectSecure(headers);
    },
  );
});

describe('markup in each field of an event', () => {
  async function fill(): Promise<{ store: EventStore; client: Client }> {
    const { store, client } = acting(false);
    await store.storeEvent({
      operation: 'CREATE',
      objectType: MARKUP,
      object: { [MARKUP]: MARKUP },
      key: MARKUP,
      id: MARKUP,
      metadata: { [MARKUP]: MARKUP },
    });
    const time = new Date();
    const errors = [{ name: MARKUP, message: MARKUP, code: MARKUP, stack: MARKUP }];
    await store.storeDeadLetter({
      watcherId: MARKUP,
      seqNum: 1,
      attempts: 1,
      firstTime: time,
      lastTime: time,
      errors,
    });
    await store.storeCheckpoint(MARKUP, 0);
    await store.internals.leases?.store(MARKUP, { owner: MARKUP, token: 1 }, 0);
    return { store, client };
  }

  it.each([
    'api/watchers',
    'api/leases',
    'api/events',
    'api/events/1',
    'api/dead-letters',
    `api/dead-letters/${encodeURIComponent(MARKUP)}/1`,
    `api/dead-letters/${encodeURIComponent(MARKUP)}/2`,
    `api/events?${new URLSearchParams({ [MARKUP]: MARKUP })}`,
  ])('markup in the fields of an event stays text of JSON in %s', async (path) => {
    const { client } = await fill();
    const response = await client.fetch(path);
    expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json/);
    expect(JSON.stringify(await response.json())).toContain(JSON.stringify(MARKUP).slice(1, -1));
  });

  it('markup in the fields of an event stays text of JSON in a followed event', async () => {
    const { client } = await fill();
    const stream = await client.stream('api/events/follow?from=1');
    const { data } = await stream.nextNamed('event');
    expect(data).toMatchObject({ objectType: MARKUP, key: MARKUP, id: MARKUP });
  });
});
