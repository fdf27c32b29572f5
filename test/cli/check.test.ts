import { describe, expect, it } from 'vitest';
import { testStore } from '../support/lmdb/test-store.ts';
import { type CommandEnd, runCommand } from './command.ts';
import { numberedLog } from './numbered-log.ts';
import { reportWatcher } from './reported-watcher.ts';

const check = async (args: readonly string[]): Promise<CommandEnd> => runCommand(['check', ...args]);

describe('the command check', () => {
  it.each([
    [[], 0, /^OK: \d checks$/m],
    [['--max-lag', '5', '--max-lag-time', '1h', '--max-dead-letters', '0'], 0, /^OK: \d checks$/m],
    [['--max-lag', '4'], 1, /^WARNING +watcher 'mailer': lag 5 \(limit 4\)$/m],
    [['--max-lag-time', '0s'], 1, /^WARNING +watcher 'mailer': lag time /m],
    [
      ['--max-lag', '4', '--format', 'nagios'],
      1,
      /^RX-WATCHER WARNING - watcher 'mailer': lag 5 \(limit 4\) \| .*'mailer lag'=5;4/,
    ],
    [['--format', 'nagios'], 0, /^RX-WATCHER OK - \d checks passed \| 'deadLetters'=0; 'mailer lag'=5; /],
    [['--format', 'prometheus'], 0, /^rx_watcher_lag\{messaging_consumer_group_name="mailer"\} 5$/m],
  ])('the command check called with the options %j exits with code %i', async (args, exit, output) => {
    const end = await check([await numberedLog(10), ...args]);
    expect(end).toMatchObject({ exit, stderr: '' });
    expect(end.stdout).toMatch(output);
  });

  it('the command check prints a JSON document with --format json', async () => {
    const { exit, stdout } = await check([await numberedLog(10), '--max-lag', '4', '--format', 'json']);
    expect({ exit, ...JSON.parse(stdout) }).toMatchObject({
      exit: 1,
      status: 'warn',
      checks: expect.arrayContaining([
        { name: 'lag', watcherId: 'mailer', status: 'warn', message: 'lag 5 (limit 4)', value: 5, limit: 4 },
      ]),
    });
  });

  it.each([
    ['failed', 2, /^CRITICAL +watcher 'mailer': failed: Error: no server$/m],
    ['stopped', 1, /^WARNING +watcher 'mailer': stopped$/m],
    ['running', 0, /^OK +watcher 'mailer': running$/m],
  ] as const)(
    'the command check for a watcher that is %s exits with code %i',
    async (state, exit, output) => {
      const path = await numberedLog(10);
      const lastError = { name: 'Error', message: 'no server' };
      await reportWatcher(testStore({ path }), { state, lastError });
      const end = await check([path]);
      expect(end.exit).toBe(exit);
      expect(end.stdout).toMatch(output);
    },
  );

  it('the command check exits with code 2 if the report of a watcher is stale', async () => {
    const path = await numberedLog(10);
    await reportWatcher(testStore({ path }), {}, { reportedAt: 0, host: 'web-1', pid: 7 });
    const end = await check([path]);
    expect(end.exit).toBe(2);
    expect(end.stdout).toMatch(/'mailer': running in process 7 on web-1, which has not reported since 1970-/);
  });

  it.each([
    [['missing.lmdb'], /cannot open 'missing\.lmdb'/],
    [['missing.lmdb', '--max-lag', 'many'], /must be a whole number/],
    [['missing.lmdb', '--max-log', '1'], /unknown option '--max-log'/],
  ])('the command check called with the invalid arguments %j exits with code 3', async (args, message) => {
    const { exit, stdout, stderr } = await check(args);
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('the command check prints a failure on stdout with --format nagios, and exits with code 3', async () => {
    const { exit, stdout, stderr } = await check(['missing.lmdb', '--format', 'nagios']);
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: '' });
    expect(stdout).toMatch(/^RX-WATCHER UNKNOWN - cannot open 'missing\.lmdb': the file does not exist\n$/);
  });
});
