import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { createManager, type Event, type EventStore, type Manager } from 'rx-watcher';
import { createInspector, type InspectorOptions } from 'rx-watcher/inspector';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { type ProcessProgram, startProcess } from '../../support/program.ts';
import { testDirectory } from '../../support/temporary-directory.ts';

let browser: Browser;

/** Starts the browser before the tests of a file, and closes it after them. */
export function useBrowser(): void {
  beforeAll(async () => {
    // The sandbox of Chromium does not work for root.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  });
  afterAll(() => browser.close());
}

/** Application with a store on LMDB, an inspector and, in another process, an application with traffic. */
export interface Application {
  readonly store: EventStore;
  readonly manager: Manager;
  /** Address of the page. */
  readonly address: string;
  /** Other process on the same data file. */
  readonly traffic: ProcessProgram;
  /** Appends orders in the other process. Returns the last sequence number. */
  append(count: number): Promise<number>;
  /** Sequence numbers of the events that the handler of `invoices` has handled. */
  readonly handled: readonly number[];
  /** Lets the handler of `mailer` handle all events. Until then, the handler fails for two of forty orders. */
  repairMailer(): void;
  /** Stops answering, as a server that has crashed. */
  stopServer(): Promise<void>;
  /** Answers again at the same address. */
  startServer(): Promise<void>;
}

const listen = async (server: Server, port: number): Promise<number> => {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
};

/** Keys of the orders that `mailer` cannot handle. */
const REFUSED = ['order-1007', 'order-1023'];

/** Path under which the tests mount the inspector. */
const MOUNT = '/admin/inspector/';

interface ApplicationOptions extends Partial<InspectorOptions> {
  /** Whether only the watchers of the inspector's manager run, and their handlers never fail. Saves time with a large log. */
  readonly isQuiet?: boolean;
}

/** Starts an application, which ends with the current test. */
export async function startApplication({
  isQuiet = false,
  ...options
}: ApplicationOptions = {}): Promise<Application> {
  const path = `${testDirectory()}/events.lmdb`;
  const store = openLmdbStore({ path });
  const traffic = startProcess(new URL('./traffic.mjs', import.meta.url), path, isQuiet ? 'quiet' : '');
  expect(await traffic.readLine()).toBe('ready');
  const handled: number[] = [];
  let isBroken = !isQuiet;
  const manager = createManager(store, { lease: true, reportInterval: 1000 });
  manager.create('stock', { handler: () => undefined, autoStart: true });
  manager.create('mailer', {
    handler({ key = '' }: Event) {
      if (!isBroken || !REFUSED.includes(key)) return;
      const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:25'), { code: 'ECONNREFUSED' });
      throw Object.assign(new Error(`The mail about ${key} cannot be sent`, { cause }), {
        code: 'EMAIL',
      });
    },
    retryStrategy: 'deadLetter',
    maxRetries: 0,
    autoStart: true,
  });
  manager.create('invoices', {
    handler({ seqNum }: Event) {
      handled.push(seqNum);
    },
    autoStart: true,
  });
  const inspector = createInspector({ store, manager, readOnly: false, ...options });
  let server: Server;
  const create = () =>
    createServer((req, res) => {
      const { url = '' } = req;
      if (!url.startsWith(MOUNT)) {
        res.writeHead(404).end();
        return;
      }
      req.url = url.slice(MOUNT.length - 1);
      inspector.node(req, res);
    });
  server = create();
  const port = await listen(server, 0);
  const stopServer = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => {
    await stopServer().catch(() => undefined);
    await traffic.kill();
    await store.close();
  });
  return {
    store,
    manager,
    traffic,
    handled,
    address: `http://127.0.0.1:${port}${MOUNT}`,
    async append(count) {
      traffic.writeLine(String(count));
      return Number(await traffic.readLine());
    },
    repairMailer() {
      isBroken = false;
    },
    stopServer,
    async startServer() {
      server = create();
      await listen(server, port);
    },
  };
}

/** Width of a window, and the colours that its user prefers. */
export interface Look {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  /** Messages on the console that the test causes. */
  readonly expectedMessages?: RegExp;
}

/** Opens a page in a new window, which is closed at the end of the test. The test fails if the page reports an error. */
export async function openPage(
  address: string,
  { width = 1440, scheme = 'light', expectedMessages = /$^/ }: Look = {},
): Promise<Page> {
  const isPhone = width < 500;
  const context: BrowserContext = await browser.newContext({
    viewport: { width, height: isPhone ? 844 : 900 },
    colorScheme: scheme,
    isMobile: isPhone,
    hasTouch: isPhone,
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  const messages: string[] = [];
  page.on('pageerror', (error) => messages.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') messages.push(message.text());
  });
  page.on('dialog', (dialog) => {
    messages.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) messages.push(`request: ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(messages.filter((message) => !expectedMessages.test(message))).toEqual([]);
  });
  page.setDefaultTimeout(60_000);
  await page.goto(address);
  return page;
}

/** Resolves when an element with a text is shown. */
export const shown = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text).first().waitFor({ state: 'visible' });

/** Resolves when the elements of a selector have these texts, in this order. */
export async function textsShown(page: Page, selector: string, texts: readonly string[]): Promise<void> {
  await page.waitForFunction(
    ([places, expected]) => {
      const { document } = globalThis as unknown as {
        readonly document: {
          querySelectorAll(selectors: string): Iterable<{ readonly textContent: string }>;
        };
      };
      return (
        JSON.stringify(Array.from(document.querySelectorAll(places), (place) => place.textContent)) ===
        expected
      );
    },
    [selector, JSON.stringify(texts)] as const,
  );
}

/** Expects that the accessibility checker finds nothing, and that nothing is wider than the window. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const checker = (globalThis as unknown as { axe: typeof axe }).axe;
    const { violations: found } = await checker.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  expect(violations).toEqual([]);
  // `clientWidth` excludes the width that is reserved for the scroll bar.
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  );
  expect(overflow).toBe(false);
}
