import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createFeed } from 'rx-watcher/http';
import { createMemoryStore } from 'rx-watcher/memory';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { storeJobs } from './feed-requests.ts';

let browser: Browser;

beforeAll(async () => {
  // The sandbox of Chromium does not work for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
});
afterAll(() => browser.close());

/** Function for a page. It reads a feed with `EventSource`, and records what it receives. */
const READ = `(path) => {
  globalThis.received = [];
  globalThis.opened = 0;
  const source = new EventSource(path);
  source.onopen = () => { globalThis.opened += 1; };
  source.onmessage = ({ data, lastEventId }) => {
    globalThis.received.push([lastEventId, JSON.parse(data).object.id]);
  };
  source.addEventListener('error', ({ data }) => {
    if (data !== undefined) globalThis.received.push(['error', JSON.parse(data).code]);
    if (source.readyState === EventSource.CLOSED) globalThis.isClosed = true;
  });
}`;

/** Server with a feed of a store, and a page of the same origin. */
async function openPage(options: Parameters<typeof createMemoryStore>[0] = {}) {
  const store = createMemoryStore(options);
  const feed = createFeed(store);
  const start = async (port: number): Promise<Server> => {
    const server = createServer((req, res) =>
      feed.node(req, res, () => res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')),
    );
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return server;
  };
  let server = await start(0);
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const page: Page = await browser.newPage();
  onTestFinished(async () => {
    await page.close();
    await stop();
    await store.close();
  });
  await page.goto(`http://127.0.0.1:${port}/`);
  const restart = async (): Promise<void> => {
    server = await start(port);
  };
  return { store, page, stop, restart };
}

const read = (page: Page, path: string) => page.evaluate(`(${READ})(${JSON.stringify(path)})`);

const isTrue = (page: Page, expression: string) => page.waitForFunction(expression);

test('an EventSource receives each event once and in order, with its sequence number as last id', async () => {
  const { store, page } = await openPage();
  await storeJobs(store, 3);
  await read(page, '/events');
  await isTrue(page, 'received.length === 3');
  await storeJobs(store, 2);
  await isTrue(page, 'received.length === 5');
  expect(await page.evaluate('received')).toEqual([
    ['1', 1],
    ['2', 2],
    ['3', 3],
    ['4', 1],
    ['5', 2],
  ]);
});

test('an EventSource that loses its connection before the first event misses no event', async () => {
  const { store, page, stop, restart } = await openPage();
  await storeJobs(store, 3);
  await read(page, '/events?from=latest');
  await isTrue(page, 'opened === 1');
  await stop();
  await storeJobs(store, 2);
  await restart();
  await isTrue(page, 'received.length === 2');
  expect(await page.evaluate('received')).toEqual([
    ['4', 1],
    ['5', 2],
  ]);
});

test('an EventSource stops if its position was deleted while the connection was interrupted', async () => {
  const { store, page, stop, restart } = await openPage({ retention: { maxEvents: 1 } });
  await storeJobs(store, 2);
  await read(page, '/events');
  await isTrue(page, 'received.length === 2');
  await stop();
  await storeJobs(store, 5);
  await store.collectGarbage();
  await restart();
  await isTrue(page, 'globalThis.isClosed === true');
  expect(await page.evaluate('received.length')).toBe(2);
});

test('an EventSource with live=false receives the stored events once, and stops', async () => {
  const { store, page } = await openPage();
  await storeJobs(store, 2);
  await read(page, '/events?live=false');
  await isTrue(page, 'globalThis.isClosed === true');
  expect(await page.evaluate('received')).toEqual([
    ['1', 1],
    ['2', 2],
  ]);
});
