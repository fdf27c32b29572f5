import { createManager, type EventHandler, type EventStore, type RetryOptions } from 'rx-watcher';
import { filter, firstValueFrom, lastValueFrom, ReplaySubject, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { testFile, testStore } from '../support/lmdb/test-store.ts';
import { runCommand } from './command.ts';
import { appendNumbered } from './numbered-log.ts';

type State = 'running' | 'paused' | 'stopped' | 'failed';

const streams = eachStream();

/** Opens a store. Returns it with the path or the address that commands use. */
async function openFile(): Promise<readonly [EventStore, string]> {
  const path = testFile();
  return [testStore({ path }), path];
}
async function openStream(): Promise<readonly [EventStore, string]> {
  const stream = streams.nextStream();
  return [await streams.open({ stream }), `${streams.server.url}/${stream}`];
}

/** Wraps a store, so that a test can wait for the stored report of a state. */
function withReports(store: EventStore) {
  const reported$ = new ReplaySubject<string | undefined>(1);
  const { reports } = store.internals;
  if (reports === undefined) throw new Error('the engine must store reports');
  const internals = {
    ...store.internals,
    reports: {
      ...reports,
      async store(...args: Parameters<typeof reports.store>) {
        await reports.store(...args);
        reported$.next(args[1].watchers[0]?.state);
      },
    },
  };
  return {
    store: { ...store, internals } as EventStore,
    reported: (state: State) => firstValueFrom(reported$.pipe(filter((each) => each === state))),
  };
}

/** Starts a watcher in this process. Returns it with a function that runs the command `check`. */
async function watched(open: typeof openFile, handler: EventHandler, options: RetryOptions = {}) {
  const [opened, location] = await open();
  const { store, reported } = withReports(opened);
  const watcher = createManager(store).create('mailer', { handler, ...options });
  watcher.start();
  await reported('running');
  return {
    store,
    watcher,
    reported,
    async check(...args: readonly string[]) {
      const { exit, stdout } = await runCommand(['check', location, ...args, '--format', 'json']);
      const { checks } = JSON.parse(stdout) as {
        checks: { name: string; message: string; value?: number }[];
      };
      return { exit, checkOf: (name: string) => checks.find((each) => each.name === name) };
    },
  };
}

describe.each([
  ['a file', openFile],
  ['a stream', openStream],
])('the command check on a log in %s', (_, open) => {
  it('the command check exits with code 1 while the lag of a watcher is above the limit, and otherwise with 0', async () => {
    const handled = new Subject<void>();
    const { store, watcher, reported, check } = await watched(open, () => handled);
    expect((await check('--max-lag', '2')).exit).toBe(0);
    await appendNumbered(store, 1, 3);
    const blocked = await check('--max-lag', '2');
    expect(blocked).toMatchObject({ exit: 1 });
    expect(blocked.checkOf('lag')).toMatchObject({ message: 'lag 3 (limit 2)' });
    expect((await check('--max-lag', '3', '--max-lag-time', '1d')).exit).toBe(0);
    handled.complete();
    await lastValueFrom(watcher.whenProcessed(3));
    await watcher.stop();
    await reported('stopped');
    watcher.start();
    await reported('running');
    expect((await check('--max-lag', '0')).exit).toBe(0);
  });

  it('the command check exits with code 1 while a watcher is paused, and reports that its lag and lag time grow', async () => {
    const { store, watcher, reported, check } = await watched(open, () => undefined);
    watcher.pause();
    await reported('paused');
    await appendNumbered(store, 1, 3);
    const first = await check();
    expect(first.exit).toBe(1);
    expect(first.checkOf('state')).toMatchObject({ message: 'paused' });
    expect(first.checkOf('lag')).toMatchObject({ value: 3 });
    await appendNumbered(store, 4, 5);
    const second = await check();
    expect(second.checkOf('lag')).toMatchObject({ value: 5 });
    expect(second.checkOf('lagTime')?.value).toBeGreaterThan(first.checkOf('lagTime')?.value as number);
    expect(first.checkOf('lagTime')?.value).toBeGreaterThan(0);
    watcher.resume();
    await reported('running');
    await lastValueFrom(watcher.whenProcessed(5));
    expect((await check()).exit).toBe(0);
  });

  it('the command check exits with code 1 if a watcher is stopped, and with 2 if it has failed', async () => {
    const fail = () => {
      throw new Error('no server');
    };
    const options = { retryStrategy: 'stop', maxRetries: 0 } as const;
    const { store, watcher, reported, check } = await watched(open, fail, options);
    await watcher.stop();
    await reported('stopped');
    expect((await check()).exit).toBe(1);
    await appendNumbered(store, 1, 1);
    watcher.start();
    await reported('failed');
    const failed = await check();
    expect(failed.exit).toBe(2);
    expect(failed.checkOf('state')).toMatchObject({ message: expect.stringMatching(/^failed: .*no server/) });
  });

  it('the command check exits with code 1 if a watcher has more dead letters than the limit', async () => {
    const fail = () => {
      throw new Error('no server');
    };
    const options = { retryStrategy: 'deadLetter', maxRetries: 0 } as const;
    const { store, watcher, check } = await watched(open, fail, options);
    await appendNumbered(store, 1, 2);
    await lastValueFrom(watcher.whenProcessed(2));
    expect((await check('--max-dead-letters', '2')).exit).toBe(0);
    const { exit, checkOf } = await check('--max-dead-letters', '1');
    expect(exit).toBe(1);
    expect(checkOf('deadLetters')).toMatchObject({ message: 'dead letters 2 (limit 1)' });
  });
});
