import type { Page } from 'playwright-core';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { expectAccessible, openPage, shown, startApplication, useBrowser } from './page.ts';

useBrowser();

/** Clicks a button that opens a dialog, and then the button of the dialog that confirms the action. */
async function confirm(page: Page, button: string, verb = button): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

describe('actions on the page of the inspector', () => {
  it('the page of the inspector pauses, resumes, stops and starts a watcher after a confirmation, and announces the result', async () => {
    const app = await startApplication();
    await app.append(50);
    const watcher = app.manager.lookup('invoices');
    const page = await openPage(`${app.address}#/watchers/invoices`);
    const announced = (text: string) => page.getByRole('status').getByText(text).waitFor();
    for (const [button, state] of [
      ['Pause', 'paused'],
      ['Resume', 'running'],
      ['Stop', 'stopped'],
    ] as const) {
      await confirm(page, button);
      await announced(`invoices is ${state}`);
      await page.locator('.report-head').getByText(state, { exact: true }).waitFor();
      expect(watcher.stats().state).toBe(state);
    }
    await confirm(page, 'Start');
    await page.locator('.report-head').getByText('running', { exact: true }).waitFor();
  });

  it('the page of the inspector does nothing if the dialog of an action is cancelled, and returns the focus to the button of the action', async () => {
    const app = await startApplication();
    await app.append(50);
    const page = await openPage(`${app.address}#/watchers/invoices`);
    const button = page.getByRole('button', { name: 'Pause' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Pause invoices?' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    await button.click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(app.manager.lookup('invoices').stats().state).toBe('running');
  });

  it('the page of the inspector moves a watcher to a position, and rejects a number that is not valid', async () => {
    const app = await startApplication();
    await app.append(50);
    const watcher = app.manager.lookup('invoices');
    await lastValueFrom(watcher.whenProcessed(50));
    const page = await openPage(`${app.address}#/watchers/invoices`);
    await page.getByRole('button', { name: 'Seek' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Sequence number').fill('many');
    await dialog.getByRole('button', { name: 'Seek' }).click();
    await dialog.getByText('The number is not valid').waitFor();
    await dialog.getByLabel('Sequence number').fill('20');
    await dialog.getByRole('button', { name: 'Seek' }).click();
    await dialog.waitFor({ state: 'detached' });
    await lastValueFrom(watcher.whenProcessed(50));
    expect(app.handled.slice(50)).toEqual(Array.from({ length: 30 }, (_, index) => 21 + index));
    await page.getByRole('button', { name: 'Seek' }).click();
    await dialog.getByLabel('Position').selectOption('At the oldest event');
    await dialog.getByRole('button', { name: 'Seek' }).click();
    await dialog.waitFor({ state: 'detached' });
    await lastValueFrom(watcher.whenProcessed(50));
    expect(app.handled).toHaveLength(50 + 30 + 50);
  });

  it('the page of the inspector keeps the dialog open with the problem if the server refuses an action', async () => {
    const app = await startApplication();
    await app.append(10);
    const page = await openPage(`${app.address}#/watchers/invoices`, {
      expectedMessages: /Failed to load resource/,
    });
    await page.getByRole('button', { name: 'Pause' }).click();
    await app.manager.lookup('invoices').stop();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByText('ERR_INVALID_STATE').waitFor();
  });

  it('the page of the inspector shows a dead letter with the causes of its error and its event, and redrives it', async () => {
    const app = await startApplication();
    await app.append(100);
    const page = await openPage(`${app.address}#/dead-letters?watcher=mailer`);
    await page.locator('tbody').getByRole('link').first().click();
    await shown(page, 'caused by');
    await shown(page, 'connect ECONNREFUSED 10.0.0.7:25');
    await page.getByText('Stack').first().click();
    await shown(page, /at .*page\.ts/);
    await shown(page, 'Ada Lovelace');
    await confirm(page, 'Redrive');
    await page.getByRole('status').getByText('1 dead letter failed again').waitFor();
    app.repairMailer();
    await confirm(page, 'Redrive');
    await page.getByRole('status').getByText('1 dead letter redriven').waitFor();
    await page.waitForURL(/#\/dead-letters\?watcher=mailer$/);
  });

  it('the page of the inspector deletes or redrives one dead letter of the list, and redrives all of a watcher', async () => {
    const app = await startApplication();
    await lastValueFrom(app.manager.lookup('mailer').whenProcessed(await app.append(200)));
    const page = await openPage(`${app.address}#/dead-letters`);
    const count = async () => (await firstValueFrom(app.store.info())).deadLetters ?? 0;
    const total = await count();
    await page
      .locator('tbody tr')
      .nth(total - 1)
      .waitFor();
    expect(total).toBe(10);
    expect(await page.locator('tbody tr').count()).toBe(total);
    await page
      .locator('tbody tr')
      .first()
      .getByRole('button', { name: /^Delete/ })
      .click();
    await page.getByRole('dialog').getByText('cannot be restored').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('status').getByText('1 dead letter deleted').waitFor();
    expect(await count()).toBe(total - 1);
    app.repairMailer();
    await page
      .locator('tbody tr')
      .first()
      .getByRole('button', { name: /^Redrive/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive' }).click();
    await page.getByRole('status').getByText('1 dead letter redriven').waitFor();
    await page.getByLabel('Watcher').selectOption('mailer');
    await confirm(page, 'Redrive all');
    await page
      .getByRole('status')
      .getByText(`${total - 2} dead letters redriven`)
      .waitFor();
    await shown(page, 'No dead letters');
    expect(await count()).toBe(0);
  });

  it('the page of the inspector deletes all dead letters of a watcher', async () => {
    const app = await startApplication();
    await app.append(100);
    const page = await openPage(`${app.address}#/dead-letters?watcher=mailer`);
    await confirm(page, 'Delete all');
    await page
      .getByRole('status')
      .getByText(/^\d+ dead letters deleted$/)
      .waitFor();
    await shown(page, 'No dead letters');
    expect((await firstValueFrom(app.store.info())).deadLetters).toBe(0);
  });
});
