import { afterSequenceNumber } from 'rx-watcher';
import { EMPTY, NEVER, throwError } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { faultyStore } from '../../../src/testing/faulty-store.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions, WatchOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';

let lines: string[];
let clock: VirtualClock;
let store: EventStore;

beforeEach(() => {
  lines = [];
  clock = new VirtualClock();
  const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  store = createMemoryStore({ scheduler: clock, logger });
});

/** Returns the log lines of a watcher at a level, without the level and the watcher id. */
const linesOf = (level: string, id = 'w') => {
  const start = `${level} watcher '${id}': `;
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
};

/** Starts a watcher. It needs at most 60 s of virtual time to process its events. */
type Run = (options: CreateWatcherOptions) => void;

const runs: readonly [string, Run][] = [
  [
    'watch',
    (options) => void watch(store, 'w', options as WatchOptions).subscribe({ error: () => undefined }),
  ],
  ['manager.create', (options) => createManager(store).create('w', options).start()],
];

const failing = () => {
  throw new TypeError('no such address');
};

describe.each(runs)('a watcher that was started with %s', (_name, run) => {
  it('a watcher logs a warning for the first failed attempt at each event and for each skipped event', () => {
    fillUp(store, 2);
    run({ handler: failing, retryStrategy: 'skip', maxRetries: 2, jitter: false });
    clock.advanceBy(60_000);
    expect(linesOf('warn')).toEqual([
      'attempt 1 at event 1 failed: TypeError: no such address',
      'event 1 was skipped after attempt 3: TypeError: no such address',
      'attempt 1 at event 2 failed: TypeError: no such address',
      'event 2 was skipped after attempt 3: TypeError: no such address',
    ]);
  });

  it('a watcher logs one warning for an event that it retries without a limit, with the delay before the next attempt', () => {
    fillUp(store, 1);
    run({ handler: failing, initialBackoff: 300 });
    clock.advanceBy(60_000);
    expect(linesOf('warn')).toEqual([
      "attempt 1 at event 1 failed: TypeError: no such address; the next attempt follows in 300 ms; 'block' retries without a limit",
    ]);
  });

  it('the warning for a failed attempt mentions unlimited retries, random delays and retryIf', () => {
    fillUp(store, 1);
    run({
      handler: failing,
      retryStrategy: 'skip',
      maxRetries: Number.POSITIVE_INFINITY,
      jitter: true,
      retryIf: () => true,
    });
    clock.advanceBy(1);
    expect(linesOf('warn')).toEqual([
      expect.stringContaining(
        "; the next attempt follows within 200 ms, if retryIf accepts the error; 'skip' retries without a limit",
      ),
    ]);
  });

  it.each<[string, CreateWatcherOptions, string | undefined]>([
    ['has a code', {}, 'RX_WATCHER_BLOCKED_BY_EVENT'],
    ['has no code if the strategy gives the event up', { retryStrategy: 'stop' }, undefined],
    ['has no code if the strategy is a function', { retryStrategy: (attempt) => attempt }, undefined],
  ])('the warning for a failed first attempt %s', (_title, options, expected) => {
    const codes: (string | undefined)[] = [];
    const warn = (_message: string, code?: string) => codes.push(code);
    const logger = { debug() {}, info() {}, warn, error() {} };
    store = { ...store, internals: { ...store.internals, logger } };
    fillUp(store, 1);
    run({ handler: failing, ...options });
    clock.advanceBy(1);
    expect(codes).toEqual([expected]);
  });

  it('a watcher logs a failed call of the store with a code', () => {
    const codes: (string | undefined)[] = [];
    const warn = (_message: string, code?: string) => codes.push(code);
    const logger = { debug() {}, info() {}, warn, error() {} };
    store = faultyStore(store, [{ method: 'getEvents', calls: 1, error: new Error('the disk is slow') }]);
    store = { ...store, internals: { ...store.internals, logger } };
    run({ handler: () => undefined });
    clock.advanceBy(1);
    expect(codes).toEqual(['RX_WATCHER_STORE_CALL_FAILED']);
  });

  it('a watcher logs a warning for an event that it stores as a dead letter', async () => {
    fillUp(store, 1);
    run({ handler: failing, retryStrategy: 'deadLetter', maxRetries: 0 });
    clock.advanceBy(1);
    await nextTurn();
    expect(linesOf('warn')).toContain(
      'event 1 was stored as a dead letter after attempt 1: TypeError: no such address',
    );
  });

  it('a watcher logs an error when it fails, in one line', () => {
    fillUp(store, 1);
    run({ handler: failing, retryStrategy: 'stop', maxRetries: 0 });
    clock.advanceBy(1);
    expect(linesOf('error')).toEqual([expect.stringContaining('failed: EventHandlingError:')]);
    expect(linesOf('error')[0]).toContain('no such address');
    expect(linesOf('warn')).toHaveLength(1);
  });

  it('a watcher logs a warning for a failed call of the store that it retries', () => {
    store = faultyStore(store, [{ method: 'getEvents', calls: 1, error: new Error('the disk is slow') }]);
    run({ handler: () => undefined });
    clock.advanceBy(60_000);
    expect(linesOf('warn')).toEqual(['a call of the store failed and is repeated: Error: the disk is slow']);
  });

  it('a watcher logs neither handled events nor the objects of events', () => {
    void store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: 'secret' });
    fillUp(store, 1000);
    let calls = 0;
    const handler = () => (++calls === 1 ? throwError(() => new Error('once')) : EMPTY);
    run({ handler });
    clock.advanceBy(60_000);
    expect(calls).toBe(1002);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['info', 'warn']);
    expect(lines.join()).not.toContain('secret');
  });

  it('a watcher limits the number of log lines of one kind, and adds the number of omitted lines to the next line', () => {
    fillUp(store, 10_001);
    run({ handler: failing, retryStrategy: 'skip', maxRetries: 0 });
    clock.advanceBy(1);
    expect(linesOf('warn')).toHaveLength(20);
    clock.advanceBy(10_000);
    fillUp(store, 1);
    clock.advanceBy(1);
    const [attempt, skipped] = linesOf('warn').slice(20);
    expect(attempt).toContain('event 10002 failed');
    expect(attempt).toContain('(9991 similar lines were omitted before)');
    expect(skipped).toContain('(9991 similar lines were omitted before)');
  });

  it('a watcher escapes control characters in the error of a handler that it logs', () => {
    fillUp(store, 1);
    const handler = () => throwError(() => new Error('a\nerror forged\u2028\u001b[2J'));
    run({ handler, retryStrategy: 'skip', maxRetries: 0 });
    clock.advanceBy(1);
    expect(linesOf('warn')[0]).toBe(
      'attempt 1 at event 1 failed: Error: a\\u000aerror forged\\u2028\\u001b[2J',
    );
  });

  it('a watcher logs its start, and logs its stop when the store closes', async () => {
    fillUp(store, 3);
    await store.storeCheckpoint('w', 2);
    run({ handler: () => undefined });
    clock.advanceBy(1);
    await store.close();
    await nextTurn();
    expect(linesOf('info')).toEqual(['started after event 2', 'stopped']);
    expect(linesOf('warn')).toEqual([]);
  });
});

it('watch logs a stop when its subscriber unsubscribes', () => {
  const subscription = watch(store, 'w', { handler: () => NEVER }).subscribe();
  subscription.unsubscribe();
  expect(linesOf('info')).toEqual(['started after event 0', 'stopped']);
});

it('watch logs a failure if a watcher with the same id runs on the store', () => {
  watch(store, 'w', { handler: () => undefined }).subscribe();
  watch(store, 'w', { handler: () => undefined }).subscribe({ error: () => undefined });
  expect(linesOf('error')).toEqual([expect.stringContaining('failed: WatcherAlreadyRunningError')]);
});

it('a watcher of a manager logs each change of its state', async () => {
  fillUp(store, 3);
  const manager = createManager(store);
  const watcher = manager.create('w', { handler: () => undefined });
  watcher.start();
  watcher.pause();
  watcher.resume();
  await watcher.seek(afterSequenceNumber(1));
  await watcher.stop();
  await manager.remove('w');
  expect(linesOf('info')).toEqual([
    'started after event 0',
    'paused',
    'resumed',
    'stopped',
    'seek: continues after event 1',
    'started after event 1',
    'stopped',
    'removed; its checkpoint stays in the store',
  ]);
});

it('a watcher logs that it has acquired, lost and released its lease', async () => {
  const lease = { duration: 1200, owner: 'a' };
  const byHand = new ManualHandler();
  const watcher = createManager(store, { lease }).create('w', { handler: byHand.handler, autoStart: true });
  await nextTurn();
  expect(linesOf('info')).toEqual([
    'standby: waits for its lease',
    'acquired its lease, token 1',
    'started after event 0',
  ]);

  lines.length = 0;
  const revision = await store.internals.leases?.store('w', { owner: 'b', token: 2 }, 1);
  expect(revision).toBe(2);
  clock.advanceBy(400);
  await nextTurn();
  expect(linesOf('info')).toEqual([
    "lost its lease: LeaseLostError: watcher 'w' lost its lease, token 1: it was granted to another process",
    'standby: waits for its lease',
  ]);

  lines.length = 0;
  await store.internals.leases?.store('w', { token: 2 }, 2);
  await nextTurn();
  await watcher.stop();
  expect(linesOf('info')).toContain('acquired its lease, token 3');
  expect(linesOf('info').slice(-2)).toEqual(['released its lease, token 3', 'stopped']);
});

it('a watcher that stops does not log the release of a lease that another process has acquired', async () => {
  const watcher = createManager(store, { lease: { owner: 'a' } }).create('w', {
    handler() {},
    autoStart: true,
  });
  await nextTurn();
  await store.internals.leases?.store('w', { owner: 'b', token: 2 }, 1);
  await watcher.stop();
  expect(linesOf('info').slice(-2)).toEqual(['started after event 0', 'stopped']);
});
