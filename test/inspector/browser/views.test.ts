import { describe, expect, it } from 'vitest';
import { expectAccessible, openPage, shown, startApplication, textsShown, useBrowser } from './page.ts';

useBrowser();

describe('page of the inspector', () => {
  it('the page of the inspector shows the log, the states of the watchers of all processes and the problems in the overview', async () => {
    const app = await startApplication();
    await app.append(500);
    app.manager.lookup('invoices').pause();
    const page = await openPage(app.address);
    await shown(page, '1 watcher failed');
    await shown(page, '1 watcher paused');
    await page
      .getByText(/^\d+ dead letters$/)
      .first()
      .waitFor();
    const tile = page.locator('.tile').first();
    await tile.getByText('500', { exact: true }).waitFor();
    app.traffic.writeLine('rate 400');
    await page
      .locator('.tile', { hasText: 'Events per second' })
      .getByText(/^[1-9][\d,]*$/)
      .waitFor();
    await page.getByRole('link', { name: '1 watcher failed' }).click();
    await page.waitForURL(/#\/watchers\?state=failed$/);
    // Playwright fails the test if more than one row contains the text.
    await page.getByRole('row').filter({ hasText: 'failed' }).waitFor();
    await page.getByRole('link', { name: 'ledger' }).click();
    await shown(page, /has no currency/);
    await page.goBack();
    await page.goBack();
    await shown(page, 'Events per second, over time');
  });

  it('the page of the inspector sorts, filters and finds watchers, and keeps these settings in the address', async () => {
    const app = await startApplication();
    await app.append(100);
    const page = await openPage(`${app.address}#/watchers`);
    const idsShown = (ids: readonly string[]) => textsShown(page, 'tbody th a', ids);
    await page.getByRole('link', { name: 'search' }).waitFor();
    await page.getByRole('button', { name: 'Watcher' }).click();
    await idsShown(['invoices', 'ledger', 'mailer', 'search', 'stock', 'stock']);
    await page.getByRole('button', { name: 'Watcher' }).click();
    await idsShown(['stock', 'stock', 'search', 'mailer', 'ledger', 'invoices']);
    expect(await page.getByRole('columnheader', { name: 'Watcher' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    await page.getByLabel('Find').fill('ma');
    await idsShown(['mailer']);
    await page.reload();
    await idsShown(['mailer']);
    await page.getByLabel('Find').fill('no such watcher');
    await page.getByRole('link', { name: 'Show all watchers' }).click();
    await page.getByRole('link', { name: 'search' }).waitFor();
  });

  it('the page of the inspector shows each process of a watcher with a lease, its lease and its figures', async () => {
    const app = await startApplication();
    await app.append(200);
    const page = await openPage(`${app.address}#/watchers/stock`);
    await shown(page, '2 processes');
    await page
      .getByRole('img', { name: /^Lag time: now/ })
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Leases' }).click();
    await page.getByRole('link', { name: 'ledger' }).waitFor();
    await shown(page, 'this process');
    await page.getByRole('row', { name: 'standby' }).waitFor();
  });

  it('the page of the inspector marks the report of a process that was killed as stale', async () => {
    const app = await startApplication();
    await app.append(10);
    const page = await openPage(`${app.address}#/watchers/search`);
    await shown(page, 'running');
    await app.traffic.kill();
    await shown(page, 'The process has not reported for three intervals.');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('link', { name: /without a recent report/ }).waitFor();
  });

  it('the page of the inspector shows only figures, and no action, if the inspector is read-only', async () => {
    const app = await startApplication({ readOnly: true });
    await app.append(100);
    const page = await openPage(`${app.address}#/watchers/mailer`);
    await shown(page, 'read-only');
    await page.locator('.report-head').getByText('running').waitFor();
    expect(await page.getByRole('button', { name: /pause|stop|seek|redrive/i }).count()).toBe(0);
    await page
      .getByRole('link', { name: /Dead letters/ })
      .first()
      .click();
    await page.getByRole('row').nth(1).waitFor();
    expect(await page.getByRole('button', { name: /redrive|delete/i }).count()).toBe(0);
  });

  it('the page of the inspector shows texts of the log as text, never as HTML', async () => {
    const app = await startApplication();
    const text = '<img src="x" onerror="alert(1)">';
    await app.store.storeEvent({
      operation: 'CREATE',
      objectType: text,
      key: text,
      id: text,
      metadata: { [text]: text },
      object: { [text]: text },
    });
    app.manager.create(text, {
      handler() {
        throw Object.assign(new Error(text, { cause: new Error(text) }), { name: text, code: text });
      },
      retryStrategy: 'deadLetter',
      maxRetries: 0,
      autoStart: true,
    });
    const page = await openPage(`${app.address}#/events/1`);
    const visible = page.getByText(text).filter({ visible: true });
    await shown(page, 'Metadata');
    await visible.nth(5).waitFor();
    for (const place of ['watchers', `watchers/${encodeURIComponent(text)}`, 'dead-letters', 'leases']) {
      await page.goto(`${app.address}#/${place}`);
      await page.getByText(text).filter({ visible: true }).first().waitFor();
    }
    await page.goto(`${app.address}#/dead-letters/${encodeURIComponent(text)}/1`);
    await shown(page, 'caused by');
    await visible.nth(8).waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  it('the page of the inspector explains an empty log, and the first event appears without a reload', async () => {
    const app = await startApplication();
    const page = await openPage(`${app.address}#/events`);
    await shown(page, 'The log is empty');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await shown(page, 'No watcher has given an event up.');
    await page.getByRole('link', { name: 'Events' }).click();
    await shown(page, 'The log is empty');
    await app.append(1);
    await page.getByRole('button', { name: 'Show 1 newer event' }).click();
    await page.getByRole('row', { name: 'order-1000' }).waitFor();
  });

  it('the page of the inspector reports a lost connection with the age of the figures, and connects again', async () => {
    const app = await startApplication();
    await app.append(100);
    const page = await openPage(app.address, { expectedMessages: /Failed to load resource/ });
    await shown(page, 'Highest lag');
    await app.stopServer();
    await page.getByRole('alert').getByText('Disconnected from the server').waitFor();
    await shown(page, /^The figures are from \d\d:\d\d:\d\d\./);
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Dead letters' }).first().click();
    await shown(page, 'The server cannot be reached');
    await expectAccessible(page);
    await app.startServer();
    await shown(page, 'Live');
    await page.getByText('Disconnected from the server').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row').nth(1).waitFor();
  });

  it('the page of the inspector explains that an address does not exist', async () => {
    const app = await startApplication();
    const page = await openPage(`${app.address}#/watchers/unknown-id`, {
      expectedMessages: /404/,
    });
    await shown(page, 'No such watcher');
    await page.goto(`${app.address}#/dead-letters/mailer/7`);
    await shown(page, 'No such dead letter');
    await page.goto(`${app.address}#/events/7`);
    await shown(page, 'There is no such event yet');
    await page.goto(`${app.address}#/elsewhere`);
    await shown(page, 'There is no such page');
  });
});
