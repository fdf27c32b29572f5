import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { testFile, testStore } from '../support/lmdb/test-store.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { expectFailure, outputOf, runCommand, startCommand } from './command.ts';
import { numberedLog } from './numbered-log.ts';

describe('the command line', () => {
  it.each([
    [['tial', 'LOG'], /unknown command 'tial' \(Did you mean tail\?\); see rx-watcher --help/],
    [['tail'], /missing required argument 'store'/],
    [['tail', 'LOG', 'more'], /too many arguments/],
    [['tail', 'LOG', '--form', '3'], /unknown option '--form' \(Did you mean --from\?\)/],
    [
      ['tail', 'LOG', '--from', 'yesterday'],
      /'yesterday' is invalid\. It must be trim_horizon, latest, a seq/,
    ],
    [['tail', 'LOG', '--since', '5'], /'5' is invalid\. It must be a duration, for example 2h, or a date/],
    [['tail', 'LOG', '--since', '2026-13-45'], /is invalid/],
    [['tail', 'LOG', '--limit', '-1'], /must be a whole number of at least 0/],
    [['tail', 'LOG', '--operation', 'drop'], /must be one of CREATE, UPDATE, DELETE/],
    [['tail', 'LOG', '--format', 'xml'], /Allowed choices are json, table, cloudevents/],
    [['tail', 'LOG', '--source', '/orders'], /--source needs --format cloudevents/],
    [['tail', 'LOG', '--from', '1', '--since', '2h'], /--from and --since exclude each other/],
    [['tail', 'nats://host'], /a store must be a path or nats:\/\/host:port\/stream/],
    [['tail', 'nats://ann:secret@host:4222'], /received nats:\/\/…@host:4222/],
    [['tail', 'http://host/stream'], /a store must be a path or nats/],
    [['tail', 'nats://host:65536/stream'], /a store must be a path or nats/],
    [['dead-letters', 'lst', 'LOG'], /unknown command 'lst' \(Did you mean list\?\)/],
    [['watchers', 'LOG', '--format', 'json'], /unknown option '--format'/],
    [['seek', 'LOG', 'mailer'], /missing required argument 'position'/],
    [['dead-letters', 'delete', 'LOG', 'mailer', 'last', '--yes'], /must be a whole number of at least 1/],
    [['get', 'LOG', '0'], /must be a whole number of at least 1/],
    [['get', 'LOG', '1.5'], /must be a whole number of at least 1/],
    [['copy', 'LOG', 'LOG'], /the source and the target are the same store/],
    [['backup', 'nats://host:4222/events', 'copy.lmdb'], /backup copies a data file; use copy for a stream/],
  ])(
    'the command line rejects the arguments %j with exit code 2 and a message of one line',
    async (args, message) => {
      const path = await numberedLog(1);
      expectFailure(await runCommand(args.map((arg) => (arg === 'LOG' ? path : arg))), 2, message);
    },
  );

  it('the command line prints the help on stderr if no command is given', async () => {
    const { exit, stdout, stderr } = await runCommand([]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: rx-watcher/);
  });

  it('the command line prints the help on stdout with --help, and the version with --version', async () => {
    expect(await outputOf(['--help'])).toMatch(/^Usage: rx-watcher/);
    expect(await outputOf(['tail', '--help'])).toMatch(/^Usage: rx-watcher tail/);
    expect(await outputOf(['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a command that fails', () => {
  it.each([
    ['tail', 'missing.lmdb'],
    ['get', 'missing.lmdb', '1'],
    ['export', 'missing.lmdb', 'events.ndjson'],
    ['backup', 'missing.lmdb', 'copy.lmdb'],
    ['copy', 'missing.lmdb', 'target.lmdb'],
  ])(
    'a command exits with code 1 and creates no file if its data file does not exist: %s',
    async (...args) => {
      const cwd = testDirectory();
      expectFailure(
        await runCommand(args, { cwd }),
        1,
        /cannot open 'missing\.lmdb': the file does not exist/,
      );
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it.each([
    ['a text', 'not a log', /it is not an LMDB data file; check the path/],
    ['an empty file', '', /the file is missing or empty/],
  ])(
    'a command reports that the data file is %s, and creates no file next to it',
    async (_, content, message) => {
      const cwd = testDirectory();
      writeFileSync(join(cwd, 'events.lmdb'), content);
      expectFailure(await runCommand(['tail', 'events.lmdb'], { cwd }), 1, message);
      expect(readdirSync(cwd)).toEqual(['events.lmdb']);
    },
  );

  it('the command get names the last event of the log if the requested event does not exist', async () => {
    const path = await numberedLog(3);
    expectFailure(await runCommand(['get', path, '4']), 1, /event 4 does not exist; the log ends at 3/);
  });

  it.each([
    ['tail', 'nats://127.0.0.1:9/events'],
    ['info', 'nats://127.0.0.1:9/events'],
    ['watchers', 'nats://127.0.0.1:9/events'],
    ['seek', 'nats://127.0.0.1:9/events', 'mailer', '3', '--yes'],
    ['import', 'nats://127.0.0.1:9/events'],
  ])('the command %s reports a server that cannot be reached', async (...args) => {
    const end = await runCommand(args, { input: '' });
    expectFailure(end, 1, /cannot connect to nats:\/\/127\.0\.0\.1:9/);
  });

  it.each([
    [['tail', 'LOG', '--from', '3']],
    [['get', 'LOG', '3']],
    [['seek', 'LOG', 'mailer', '3', '--yes']],
  ])('the error of %j for a deleted event names the oldest event', async (args) => {
    const path = testFile();
    const store = openLmdbStore({ path });
    const event = { operation: 'CREATE', objectType: 'Job', object: 1, timestamp: new Date(0) } as const;
    await store.importEvents?.(7, [{ ...event, seqNum: 8 }]);
    await store.storeCheckpoint('mailer', 8);
    await store.close();
    const end = await runCommand(args.map((arg) => (arg === 'LOG' ? path : arg)));
    expectFailure(end, 1, /cannot read from sequence number 3: the oldest event of the log is 8/);
    expect(await firstValueFrom(testStore({ path }).getCheckpoint('mailer'))).toBe(8);
  });
});

describe('a command with a closed output', () => {
  it.each([['info'], ['watchers'], ['tail'], ['export'], ['check', '--format', 'prometheus']])(
    'the command %s ends quietly with exit code 0 if its output is closed',
    async (name, ...options) => {
      const command = startCommand([name, await numberedLog(3000), ...options]);
      command.stopReading();
      expect(await command.ended).toMatchObject({ exit: 0, stderr: '' });
    },
  );
});
