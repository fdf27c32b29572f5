import { describe, expect, it } from 'vitest';
import { testStore } from '../support/lmdb/test-store.ts';
import { runCommand } from './command.ts';
import { numberedLog } from './numbered-log.ts';
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

describe.each([40, 80, 132])('on a terminal of %i columns', (columns) => {
  it('tail prints one line for each event, at most as wide as the terminal', async () => {
    const { stdout } = await runCommand(['tail', await numberedLog(12)], { columns });
    const lines = stdout.trimEnd().split('\r\n');
    expect(lines).toHaveLength(10);
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns);
    expect(lines[9]).toMatch(/^ +12 .*DELETE +Customer/);
  });

  it.each([['info'], ['watchers'], ['dead-letters', 'list'], ['check']])(
    '%s prints no line wider than the terminal',
    async (...args) => {
      const path = await logWithLongTexts();
      const { stdout } = await runCommand([...args, path], { columns });
      const lines = stdout
        .trimEnd()
        .split('\r\n')
        .filter((line) => !line.includes('/events.lmdb'));
      expect(lines.length).toBeGreaterThan(1);
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns);
      expect(stdout).toContain('a watch');
    },
  );
});
