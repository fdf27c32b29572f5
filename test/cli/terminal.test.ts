import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { testStore } from '../support/lmdb/test-store.ts';
import { runCommand, startCommand } from './command.ts';
import { appendNumbered, numberedLog } from './numbered-log.ts';
import { reportWatcher } from './reported-watcher.ts';

/** Creates a log with a watcher that has a long id, a long error and a dead letter. */
async function logWithLongTexts(): Promise<string> {
  const path = await numberedLog(12);
  const store = testStore({ path });
  const id = 'a watcher with a long name, 漢字 and a 🎉';
  const error = { name: 'Error', message: 'cannot reach https://example.org/with/a/long/path: it is down' };
  await reportWatcher(store, { id, state: 'failed', lastError: error });
  await store.storeCheckpoint(id, 3);
  const times = { firstTime: new Date(0), lastTime: new Date(0) };
  await store.storeDeadLetter({ watcherId: id, seqNum: 2, errors: [error], attempts: 1, ...times });
  return path;
}

/** Returns an upper bound of the columns that a line fills. */
const columnsOf = (line: string): number => line.length + (line.match(/[漢字]/gu)?.length ?? 0);

describe.each([40, 80, 132])('commands on a terminal of %i columns', (columns) => {
  it('the command tail prints each event on one line that is at most as wide as the terminal', async () => {
    const { stdout } = await runCommand(['tail', await numberedLog(12)], { columns });
    const lines = stdout.trimEnd().split('\r\n');
    expect(lines).toHaveLength(10);
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns);
    expect(lines[9]).toMatch(/^ +12 .*DELETE +Customer/);
  });

  it.each([['info'], ['watchers'], ['dead-letters', 'list'], ['check']])(
    'the command %s prints no line wider than the terminal',
    async (...args) => {
      const path = await logWithLongTexts();
      const { stdout } = await runCommand([...args, path], { columns });
      const lines = stdout.trimEnd().split('\r\n');
      expect(lines.length).toBeGreaterThan(1);
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns);
      expect(stdout).toContain('a watch');
    },
  );

  it.each(['', 'check', 'seek', 'dead-letters delete'])(
    "the help of 'rx-watcher %s' has no line wider than the terminal",
    async (command) => {
      const args = command === '' ? [] : command.split(' ');
      const { stdout } = await runCommand([...args, '--help'], { columns });
      expect(Math.max(...stdout.split('\r\n').map(columnsOf))).toBeLessThanOrEqual(columns);
    },
  );

  it('the message of an error is wrapped between words to fit the width of the terminal', async () => {
    const { exit, stdout } = await runCommand(['get', await numberedLog(12), '4000000000'], { columns });
    const lines = stdout.trimEnd().split('\r\n');
    expect(exit).toBe(1);
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns);
    expect(lines.join('').replaceAll(/ +/g, ' ')).toBe(
      'rx-watcher: event 4000000000 does not exist; the log ends at 12',
    );
  });

  it('the command check shows every figure in full, even on a narrow terminal', async () => {
    const { stdout } = await runCommand(['check', await logWithLongTexts()], { columns });
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      "watcher 'a watcher with a long name, 漢字 and a 🎉': lag 9 ",
    );
  });
});

describe('the last error of a watcher, on a terminal', () => {
  const message = 'cannot reach https://example.org/with/a/long/path: it is down';

  it('the last error of a watcher is in the row of the watcher if the terminal is wide', async () => {
    const { stdout } = await runCommand(['watchers', await logWithLongTexts()], { columns: 200 });
    expect(stdout).toMatch(new RegExp(`^a watcher .* failed .*Error: ${message}\r$`, 'm'));
  });

  it('the last error of a watcher is below the row of the watcher if the terminal has 80 columns', async () => {
    const { stdout } = await runCommand(['watchers', await logWithLongTexts()], { columns: 80 });
    expect(stdout).toMatch(new RegExp(`^a watcher .* failed .*\r\n  Error: ${message}\r$`, 'm'));
  });
});

describe('a terminal with colours', () => {
  it('a terminal with colours shows the state of a watcher in colour, in a table with the same columns as without colours', async () => {
    const path = await logWithLongTexts();
    const { stdout } = await runCommand(['watchers', path], { columns: 132, hasColors: true });
    expect(stdout).toContain('\u001b[31mfailed\u001b[39m');
    const plain = await runCommand(['watchers', path], { columns: 132 });
    // The lag times differ, because the commands run at different times.
    const withoutLagTimes = (text: string) => text.replaceAll(/ +\d+m?s /g, ' ');
    expect(withoutLagTimes(stripVTControlCharacters(stdout))).toBe(withoutLagTimes(plain.stdout));
  });
});

describe('the command watchers --watch on a terminal', () => {
  it('the command watchers --watch shows as many lines as the terminal has rows, and ends on Ctrl-C', async () => {
    const path = await numberedLog(12);
    const store = testStore({ path });
    for (let n = 10; n < 40; n++) await store.storeCheckpoint(`watcher-${n}`, 3);
    const watching = startCommand(['watchers', path, '--watch'], { columns: 80 });
    await watching.printed('every 2 s; Ctrl-C ends');
    watching.write('\u0003');
    const { exit, stdout } = await watching.ended;
    const lines = stdout.split('\u001b[K');
    expect(exit).toBe(0);
    // Line 0 contains the titles of the columns.
    expect(lines[19]).toMatch(/watcher-27 +unknown/);
    expect(lines[20]).toMatch(/… 12 more lines$/);
    expect(lines[22]).toMatch(/^\r\n[\d:]+Z, every 2 s; Ctrl-C ends$/);
  });

  it('the command watchers --watch redraws the table without clearing the screen', async () => {
    const path = await numberedLog(4);
    const store = testStore({ path });
    const watching = startCommand(['watchers', path, '--watch'], { columns: 80 });
    await watching.printed('every 2 s; Ctrl-C ends');
    await appendNumbered(store, 5, 7);
    await watching.printed('\u001b[HWATCHER');
    await watching.printed('mailer   unknown                  2    5');
    watching.write('\u0003');
    const { stdout } = await watching.ended;
    expect(stdout.split('\u001b[2J')).toHaveLength(2);
  });
});
