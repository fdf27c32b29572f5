import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openPage, shown, startApplication, textsShown, useBrowser } from './page.ts';

useBrowser();

const rows = (page: Page) => page.locator('.event-rows [role=row]');

/** Number of frames of the test that scrolls. */
const FRAMES = 240;

/**
 * Measures the processor time of the main thread of a page from now on, in milliseconds. Other processes do not change it.
 *
 * @returns Function that returns the time until its call.
 */
async function measureWork(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const total = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
  };
  const start = await total();
  return async () => (await total()) - start;
}

/** Script with a Promise that resolves when the page has drawn its next frame. */
const NEXT_FRAME = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))';

/** Returns a Promise, and the function that resolves it. */
function latch(): readonly [Promise<void>, () => void] {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [opened, open];
}

/** Waits until a row is visible, and returns the sequence number of the first visible row. */
async function firstVisible(page: Page): Promise<number> {
  const found = await page.locator('.event-grid').evaluateHandle((grid) => grid);
  const text = await page.waitForFunction((grid) => {
    const { top, bottom } = grid.getBoundingClientRect();
    const placeOf = (row: typeof grid) => row.getBoundingClientRect().top;
    const visible = [...grid.querySelectorAll('.event-rows [role=row]')].filter(
      (row) => placeOf(row) >= top + 29 && placeOf(row) < bottom,
    );
    visible.sort((a, b) => placeOf(a) - placeOf(b));
    return visible[0]?.querySelector('a')?.textContent;
  }, found);
  return Number(String(await text.jsonValue()).replaceAll(',', ''));
}

describe('events on the page of the inspector', () => {
  it('the page of the inspector lists events with the newest first, and shows one event in full with its metadata', async () => {
    const app = await startApplication();
    await app.append(300);
    const page = await openPage(`${app.address}#/events`);
    await rows(page).first().waitFor();
    expect(await firstVisible(page)).toBe(300);
    await page.getByRole('link', { name: '298', exact: true }).click();
    const panel = page.getByRole('complementary', { name: 'Event 298' });
    await panel.getByText('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01').waitFor();
    await panel.getByText('"Ada Lovelace"').waitFor();
    await panel.getByRole('link', { name: 'Older event' }).click();
    await page.getByRole('complementary', { name: 'Event 297' }).waitFor();
    await page.goBack();
    await panel.waitFor();
    await page.goBack();
    await panel.waitFor({ state: 'detached' });
  });

  it('the arrow keys move through the events on the page of the inspector, and Escape closes the event', async () => {
    const app = await startApplication();
    await app.append(300);
    const page = await openPage(`${app.address}#/events`);
    await rows(page).first().waitFor();
    await page.getByRole('grid').focus();
    const selected = page.locator('[aria-selected=true]');
    for (let number = 300; number > 240; number -= 1) {
      await page.keyboard.press('ArrowDown');
      await selected.getByText(String(number), { exact: true }).waitFor();
    }
    await page.getByRole('complementary', { name: 'Event 241' }).waitFor();
    expect(await page.getByRole('grid').getAttribute('aria-activedescendant')).toBe(
      await selected.getAttribute('id'),
    );
    expect(await page.getByRole('grid').evaluate((grid) => grid.scrollTop)).toBeGreaterThan(0);
    await page.keyboard.press('ArrowUp');
    await page.getByRole('complementary', { name: 'Event 242' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
  });

  it('an arrow key that is pressed again before the page is drawn moves the selection again', async () => {
    const app = await startApplication();
    await app.append(20);
    const page = await openPage(`${app.address}#/events`);
    await rows(page).first().waitFor();
    await page.getByRole('grid').evaluate((grid) => {
      const { KeyboardEvent } = globalThis as unknown as {
        readonly KeyboardEvent: new (type: string, options: { key: string; bubbles: boolean }) => Event;
      };
      for (let step = 0; step < 5; step += 1) {
        grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
      }
    });
    await page.getByRole('complementary', { name: 'Event 16' }).waitFor();
  });

  it('the page of the inspector filters events by type, operation, key and time, and keeps the filter in the address', async () => {
    const app = await startApplication();
    await app.append(700);
    const page = await openPage(`${app.address}#/events`);
    await page.getByLabel('Type').fill('Shipment');
    await page.getByLabel('Type').press('Enter');
    await page.waitForURL(/type=Shipment/);
    await shown(page, /^100 events found/);
    await page.getByLabel('Operation').selectOption('DELETE');
    await shown(page, /^25 events found$/);
    await shown(page, 'No older event matches');
    await page.reload();
    await shown(page, /^25 events found$/);
    const key = await rows(page).first().locator('.event-key').textContent();
    await page.getByLabel('Key').fill(key ?? '');
    await page.getByLabel('Key').press('Enter');
    await page.waitForURL(/key=order-/);
    await page
      .locator('.events-count')
      .getByText(/^[1-9] events? found$/)
      .waitFor();
    await page.goBack();
    await shown(page, /^25 events found$/);
    await page.getByRole('button', { name: 'Clear' }).click();
    await shown(page, '1 – 700');
    await page.getByLabel('Time').selectOption('last hour');
    await shown(page, /^\d+ events found/);
    await page.getByLabel('Time').selectOption('since …');
    await page.getByRole('textbox', { name: 'Since' }).fill('2100-01-01T00:00');
    await page.getByRole('textbox', { name: 'Since' }).press('Tab');
    await shown(page, 'No event matches');
  });

  it('the page of the inspector finds a rare event in a large log, and goes to the event with a number', async () => {
    const app = await startApplication({ isQuiet: true });
    await app.store.storeEvent({ operation: 'CREATE', objectType: 'Rare', object: {} });
    for (let batch = 0; batch < 12; batch += 1) await app.append(10_000);
    const page = await openPage(`${app.address}#/events?type=Rare`);
    await shown(page, /^1 event found$/);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Go to').fill('60,000');
    await page.getByLabel('Go to').press('Enter');
    await page.getByRole('complementary', { name: 'Event 60000' }).getByText('Metadata').waitFor();
    await page.getByRole('row', { selected: true }).getByText('60,000').waitFor();
  });

  it('the page of the inspector scrolls through 100,000 events with little work per frame, and with few rows in the document', async () => {
    const app = await startApplication({ isQuiet: true });
    for (let batch = 0; batch < 10; batch += 1) await app.append(10_000);
    const page = await openPage(`${app.address}#/events`);
    await rows(page).first().waitFor();
    const grid = page.getByRole('grid');
    expect(await grid.evaluate((element) => element.scrollHeight)).toBeGreaterThan(3_000_000);
    const work = await measureWork(page);
    const mostRows = await grid.evaluate(async (element, frames) => {
      const { requestAnimationFrame } = globalThis as unknown as {
        readonly requestAnimationFrame: (call: () => void) => void;
      };
      let most = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        // Scroll as with a fast wheel for half of the frames, and then as with a dragged scroll bar.
        element.scrollTop += frame < frames / 2 ? 240 : 24_000;
        await new Promise<void>((resolve) => requestAnimationFrame(resolve));
        most = Math.max(most, element.querySelectorAll('[role=row]').length);
      }
      return most;
    }, FRAMES);
    const perFrame = (await work()) / FRAMES;
    process.stdout.write(
      `scrolling 100,000 events: ${perFrame.toFixed(1)} ms of the main thread per frame\n`,
    );
    expect(mostRows).toBeLessThan(70);
    expect(perFrame).toBeLessThan(16);
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.getByRole('row', { name: /^1 / }).waitFor();
    await shown(page, 'Oldest event');
  });

  it('the page of the inspector follows the events of another process without moving a list that is scrolled down', async () => {
    const app = await startApplication();
    await app.append(500);
    const page = await openPage(`${app.address}#/events`);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Follow' }).click();
    await shown(page, 'Following');
    await page.waitForURL(/follow=1/);
    const last = await app.append(5);
    await page.getByRole('link', { name: String(last), exact: true }).waitFor();
    expect(await firstVisible(page)).toBe(last);
    const grid = page.getByRole('grid');
    await grid.evaluate((element) => element.scrollTo(0, 3000));
    const before = await firstVisible(page);
    app.traffic.writeLine('rate 200');
    await page.waitForFunction((count) => {
      const { document } = globalThis as unknown as {
        readonly document: { querySelector(selectors: string): { readonly textContent: string } | null };
      };
      const [, total = ''] = document.querySelector('.events-count')?.textContent.split('–') ?? [];
      return Number(total.replaceAll(',', '')) > count;
    }, last + 200);
    expect(await firstVisible(page)).toBe(before);
    await page.getByRole('button', { name: 'Following' }).click();
    await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
  });

  it('the page of the inspector follows only the events that match the filter', async () => {
    const app = await startApplication();
    await app.append(70);
    const page = await openPage(`${app.address}#/events?type=Invoice&follow=1`);
    await shown(page, /^10 events found$/);
    await shown(page, 'Following');
    await app.append(70);
    await shown(page, /^20 events found$/);
    await textsShown(page, '.event-type', Array(20).fill('Invoice'));
  });

  it('the page of the inspector requests one new list if more events are appended than the followed list can hold', async () => {
    const app = await startApplication({ isQuiet: true });
    await app.append(10);
    const page = await openPage(`${app.address}#/events?follow=1`);
    await shown(page, 'Following');
    let requests = 0;
    const [isRequested, requested] = latch();
    const [isAppended, appended] = latch();
    // The first request of a list has this limit.
    await page.route('**/api/events?limit=1', async (route) => {
      requests += 1;
      requested();
      await isAppended;
      await route.continue().catch(() => undefined); // the page has aborted the request
    });
    await app.append(2500);
    await isRequested;
    let last = 0;
    for (let burst = 0; burst < 5; burst += 1) {
      last = await app.append(600);
      await page.evaluate(NEXT_FRAME);
    }
    appended();
    await shown(page, `1 – ${last.toLocaleString('en')}`);
    expect(requests).toBe(1);
  });

  it('a hidden page of the inspector, which has no frames, adds followed events to its list', async () => {
    const app = await startApplication({ isQuiet: true });
    await app.append(10);
    const page = await openPage(`${app.address}#/events?follow=1`);
    await shown(page, 'Following');
    await page.evaluate('globalThis.requestAnimationFrame = () => 1');
    await app.append(1000);
    await shown(page, '1 – 1,010');
  });

  it('the page of the inspector connects again after the stream of events was answered with an error status', async () => {
    const app = await startApplication({ isQuiet: true });
    await app.append(10);
    const page = await openPage(app.address, { expectedMessages: /status of 502/ });
    await page.route('**/api/events/follow?*', (route) => route.fulfill({ status: 502 }), { times: 1 });
    await page.goto(`${app.address}#/events?follow=1`);
    await shown(page, 'Reconnecting…');
    await shown(page, 'Following');
  });

  it('the page of the inspector loads a new list if the events after the end of its list were deleted', async () => {
    const app = await startApplication({ isQuiet: true });
    await app.append(10);
    const page = await openPage(app.address);
    await page.route('**/api/events/follow?from=11', async (route) => {
      await app.append(5);
      const body = 'event: problem\ndata: {"status":410}\n\n';
      await route.fulfill({ contentType: 'text/event-stream', body });
    });
    await page.goto(`${app.address}#/events?follow=1`);
    await shown(page, '1 – 15');
  });
});
