import { createEventStore, type EventLog } from 'rx-watcher';
import { describeEventStore, type StoreSupport } from 'rx-watcher/testing';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { type DeclaredTest, fakeRunner } from './fake-runner.ts';

const NONE: StoreSupport = {
  reopen: false,
  deadLetters: false,
  leases: false,
  importing: false,
  sharing: false,
};

/** Declares the tests of the suite for an engine. Returns the tests and the number of created and removed logs. */
function declared(engine: (log: EventLog) => EventLog = (log) => log, supports: Partial<StoreSupport> = {}) {
  const { runner, tests } = fakeRunner();
  const counts = { created: 0, cleanedUp: 0 };
  describeEventStore(runner, 'my engine', {
    supports: { ...NONE, ...supports },
    create() {
      counts.created++;
      return {
        open: (options = {}) => createEventStore(engine(createMemoryEventLog()), options),
        cleanup() {
          counts.cleanedUp++;
        },
      };
    },
  });
  return { tests, counts };
}
const names = (tests: readonly DeclaredTest[]) => tests.map(({ path }) => path.join(' > '));

/** Runs the tests of a group, and returns the names of the failed tests without the name of the engine. */
async function failing(tests: readonly DeclaredTest[], group: string): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { path, run } of tests.filter(({ path }) => path[1] === group)) {
    if ((await run()) !== undefined) failed.push(path.slice(2).join(' > '));
  }
  return failed;
}

describe('describeEventStore', () => {
  it('describeEventStore declares tests with unique names in a group that has the name of the engine', () => {
    const { tests } = declared();

    expect(new Set(tests.map(({ path }) => path[0]))).toEqual(new Set(['my engine']));
    expect(names(tests).filter((name, index, all) => all.indexOf(name) !== index)).toEqual([]);
  });

  it('describeEventStore declares a placeholder test for each unsupported feature, and real tests for each supported feature', () => {
    const [unsupported, supported] = [
      {},
      {
        reopen: true,
        deadLetters: true,
        leases: true,
        importing: true,
        sharing: true,
        transactions: true,
        reports: true,
      },
    ].map((supports) => names(declared(undefined, supports).tests)) as [string[], string[]];

    expect(unsupported.filter((name) => name.includes('does not support'))).toEqual([
      'my engine > the engine does not support: transactions',
      'my engine > the engine does not support: reports',
      'my engine > the engine does not support: reopen',
      'my engine > the engine does not support: deadLetters',
      'my engine > the engine does not support: leases',
      'my engine > the engine does not support: importing',
      'my engine > the engine does not support: sharing',
    ]);
    expect(supported.filter((name) => name.includes('does not support'))).toEqual([]);
    const additional = supported
      .filter((name) => !unsupported.includes(name))
      .map((name) => name.split(' > ')[1]);
    expect(additional).toEqual(
      expect.arrayContaining([
        'a dead letter',
        'two stores that share one log',
        'a store that is closed and opened again',
      ]),
    );
  });

  it('describeEventStore inserts the values of each case into the titles of the tests', () => {
    const all = names(declared().tests);

    expect(all).toEqual(
      expect.arrayContaining([
        'my engine > a closed store > a call of collectGarbage fails with a StoreClosedError after the store is closed',
        'my engine > a replay of stored events > a replay emits the same events with any batchSize: 11',
        'my engine > the validation of arguments by a store > a store rejects NaN as a sequence number with an InvalidOptionsError',
        'my engine > a store that appends events > storeEvent resolves with the event that a read returns later, for an event with nested objects',
      ]),
    );
    expect(all.filter((name) => /%[sijdfoO#]/.test(name))).toEqual([]);
  });

  it('describeEventStore creates a log before each test that runs, and removes that log after the test', async () => {
    const { tests, counts } = declared();
    expect(counts).toEqual({ created: 0, cleanedUp: 0 });

    for (const { run } of tests.slice(0, 5)) expect(await run()).toBeUndefined();

    expect(counts).toEqual({ created: 5, cleanedUp: 5 });
  });
});

describe('describeEventStore for an engine with a fault', () => {
  it('describeEventStore declares tests of filters that fail if the engine ignores filters', async () => {
    const { tests } = declared((log) => ({
      ...log,
      read: (request) => log.read({ ...request, filter: undefined }),
    }));

    expect(await failing(tests, 'an event filter')).toEqual(
      expect.arrayContaining(['a page contains exactly the events that the filter matches: one type']),
    );
    expect(await failing(tests, 'a store that appends events')).toEqual([]);
  });

  it('describeEventStore declares tests of appends that fail if the engine assigns sequence numbers twice', async () => {
    const { tests } = declared((log) => ({
      ...log,
      append: async (drafts, now) => ({ ...(await log.append(drafts, now)), firstSeqNum: 1 }),
    }));

    expect(await failing(tests, 'a store that appends events')).toContain(
      'a store assigns contiguous sequence numbers from 1',
    );
  });

  it('describeEventStore declares tests of checkpoints that fail if the engine does not store checkpoints', async () => {
    const { tests } = declared((log) => ({ ...log, storeCheckpoint: async () => {} }));

    expect(await failing(tests, 'a checkpoint')).toContain('a checkpoint can have the value 0');
  });

  it('describeEventStore declares tests of long polling that fail if appended$ never emits, and still removes the log', async () => {
    const { tests, counts } = declared((log) => {
      const { appended$: silent } = createMemoryEventLog();
      return { ...log, appended$: silent };
    });

    const longPolls = tests.filter(
      ({ path }) => path.at(-1) === 'a long poll waits for an append and emits the appended events',
    );
    expect(longPolls).toHaveLength(1);
    for (const { run } of longPolls) expect(await run()).toBeDefined();
    expect(counts).toEqual({ created: 1, cleanedUp: 1 });
  });
});
