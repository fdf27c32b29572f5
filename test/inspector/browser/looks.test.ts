import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { testDirectory } from '../../support/temporary-directory.ts';
import { type Application, expectAccessible, openPage, shown, startApplication, useBrowser } from './page.ts';

useBrowser();

const LOOKS = [
  { width: 1440, scheme: 'light' },
  { width: 1440, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
] as const;

/** Directory for the pictures of the guide, see `npm run docs:pictures`. By default, a test deletes its pictures. */
const PICTURES = process.env.INSPECTOR_PICTURES;

/** Time for which the charts of the pictures collect samples, in milliseconds. */
const COLLECTING = 50_000;

/** Starts an application with different problems: a paused watcher, one with an outdated report, one with a high lag. */
async function startTroubledApplication(): Promise<Application> {
  const app = await startApplication();
  await app.append(1200);
  await app.store.storeCheckpoint('monthly-export', 310);
  // Report of a process that was killed three minutes ago.
  await app.store.internals.reports?.store('ended', {
    host: hostname(),
    pid: 4711,
    interval: 10_000,
    reportedAt: Date.now() - 180_000,
    watchers: [{ id: 'search-index-eu-west-1', state: 'running', position: 640 }],
  });
  app.manager.lookup('invoices').pause();
  app.traffic.writeLine('rate 36');
  return app;
}

/** Views, with a text that appears when all of their data have arrived. */
const VIEWS: readonly (readonly [name: string, hash: string, text: string])[] = [
  ['overview', '#/overview', 'Highest lag'],
  ['watchers', '#/watchers', 'monthly-export'],
  ['watcher', '#/watchers/invoices', 'Lag time'],
  ['events', '#/events', 'CREATE'],
  ['event', '#/events/1198', 'Metadata'],
  ['dead-letters', '#/dead-letters', 'Redrive'],
  ['dead-letter', '#/dead-letters/mailer/NUMBER', 'caused by'],
  ['leases', '#/leases', 'this process'],
];

/** Script that resolves to the time of the first contentful paint. The browser reports a paint some time after it. */
const FIRST_PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntriesByName('first-contentful-paint')) resolve(startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

/** Takes a picture of the window as a WebP file, which is a third of the size of a PNG file. */
async function takePicture(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 72 });
  await writeFile(path, Buffer.from(data, 'base64'));
}

/** Elements that must not move when figures change. Rows of tables can move, because the tables are sorted by figures. */
const FIXED =
  'header, nav a, main, h1, h2, thead th, button, input, select, .tile, .card, figure, .facts > div, .event-head';

/** Returns the texts and the places of the elements that must not move, in pixels. */
const placesOf = (page: Page): Promise<unknown> =>
  page.evaluate(`[...document.querySelectorAll('${FIXED}')].filter((element) => !element.closest('.newer')).map((element) => {
    const { left, top, width } = element.getBoundingClientRect();
    const name = element.tagName + '.' + element.className;
    return [name, Math.round(left), Math.round(top), Math.round(width)].join(' ');
  })`);

/** Resolves when the server has sent `count` snapshots, each with changed figures, and the page has drawn them. */
const snapshots = (page: Page, count: number): Promise<unknown> =>
  page.evaluate(`new Promise((resolve) => {
    let left = ${count};
    const source = new EventSource('api/live');
    source.addEventListener('overview', () => {
      left -= 1;
      if (left > 0) return;
      source.close();
      requestAnimationFrame(() => requestAnimationFrame(resolve)); // the page draws in the first frame
    });
  })`);

describe('looks of the inspector', () => {
  it.each(LOOKS)(
    'the page of the inspector has no fault of accessibility in any view with $scheme colours and a width of $width',
    async (look) => {
      const app = await startTroubledApplication();
      const folder = PICTURES ?? testDirectory();
      await mkdir(folder, { recursive: true });
      const page = await openPage(app.address, look);
      if (PICTURES !== undefined) await page.waitForTimeout(COLLECTING);
      await page.goto(`${app.address}#/dead-letters`);
      const letter = page.locator('tbody th a').first();
      await letter.waitFor();
      const number = (await letter.textContent()) ?? '';
      for (const [name, hash, text] of VIEWS) {
        await page.goto(app.address + hash.replace('NUMBER', number));
        await page.getByText(text).filter({ visible: true }).first().waitFor();
        if (name === 'event') await page.getByRole('complementary').getByText('Ada Lovelace').waitFor();
        await expectAccessible(page);
        await takePicture(page, `${folder}/${name}-${look.width}-${look.scheme}.webp`);
      }
    },
  );

  it.each([1440, 390])(
    'the page of the inspector moves nothing while figures change, at a width of %d',
    async (width) => {
      const app = await startTroubledApplication();
      const page = await openPage(app.address, { width });
      for (const hash of [
        '#/overview',
        '#/watchers',
        '#/watchers/invoices',
        '#/events?follow=1',
        '#/leases',
      ]) {
        await page.goto(app.address + hash);
        await page
          .locator('main')
          .getByText(/running|invoices|CREATE/)
          .filter({ visible: true })
          .first()
          .waitFor();
        await snapshots(page, 2); // the first figures may still move elements
        const places = await placesOf(page);
        for (let count = 0; count < 4; count += 1) {
          await snapshots(page, 2);
          expect(await placesOf(page), hash).toEqual(places);
        }
      }
    },
  );

  it('the page of the inspector reports its first contentful paint at each load, and the test prints the times', async () => {
    const app = await startTroubledApplication();
    const page = await openPage(app.address);
    const times: number[] = [];
    for (let load = 0; load < 5; load += 1) {
      await page.reload();
      await shown(page, 'Highest lag');
      times.push(Number(await page.evaluate(FIRST_PAINT)));
    }
    process.stdout.write(`first contentful paint: ${times.map((time) => time.toFixed(0)).join(', ')} ms\n`);
    expect(times.every((time) => time > 0)).toBe(true);
  });

  it('the page of the inspector uses no transitions if the system prefers reduced motion', async () => {
    const app = await startTroubledApplication();
    const page = await openPage(app.address);
    await shown(page, 'Highest lag');
    const duration = () =>
      page.evaluate(`getComputedStyle(document.querySelector('nav a')).transitionDuration`);
    expect(await duration()).not.toBe('0s');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await duration()).toBe('0s');
  });
});
