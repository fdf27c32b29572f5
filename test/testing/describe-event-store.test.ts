import { createEventStore, type EventLog } from 'rx-watcher';
import { describeEventStore, type StoreSupport } from 'rx-watcher/testing';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { type DeclaredTest, fakeRunner } from './fake-runner.ts';

const NONE: StoreSupport = {
  reopen: false,
  deadLetters: false,
  leases: false,
  restoring: false,
  sharing: false,
};

/** What the suite declares of an engine. */
function declared(engine: (log: EventLog) => EventLog = (log) => log, supports: Partial<StoreSupport> = {}) {
  const { runner, tests } = fakeRunner();
  const seen = { created: 0, cleanedUp: 0 };
  describeEventStore(runner, 'my engine', {
    supports: { ...NONE, ...supports },
    create() {
      seen.created++;
      return {
        open: (options = {}) => createEventStore(engine(createMemoryEventLog()), options),
        cleanup() {
          seen.cleanedUp++;
        },
      };
    },
  });
  return { tests, seen };
}
const names = (tests: readonly DeclaredTest[]) => tests.map(({ path }) => path.join(' > '));

/** The names of those that fail, without the engine's. */
async function failing(tests: readonly DeclaredTest[], group: string): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { path, run } of tests.filter(({ path }) => path[1] === group)) {
    if ((await run()) !== undefined) failed.push(path.slice(2).join(' > '));
  }
  return failed;
}

describe('what the suite declares', () => {
  it('is under the name of the engine, and has a name for each test of its own', () => {
    const { tests } = declared();

    expect(new Set(tests.map(({ path }) => path[0]))).toEqual(new Set(['my engine']));
    expect(names(tests).filter((name, index, all) => all.indexOf(name) !== index)).toEqual([]);
  });

  it('lists what is not supported, and tests what is', () => {
    const [none, all] = [
      {},
      { reopen: true, deadLetters: true, leases: true, restoring: true, sharing: true },
    ].map((supports) => names(declared(undefined, supports).tests)) as [string[], string[]];

    expect(none.filter((name) => name.includes('does not support'))).toEqual([
      'my engine > does not support: reopen',
      'my engine > does not support: deadLetters',
      'my engine > does not support: leases',
      'my engine > does not support: restoring',
      'my engine > does not support: sharing',
    ]);
    expect(all.filter((name) => name.includes('does not support'))).toEqual([]);
    const more = all.filter((name) => !none.includes(name)).map((name) => name.split(' > ')[1]);
    expect(more).toEqual(
      expect.arrayContaining(['a dead letter', 'a log that is open twice', 'a store that is opened again']),
    );
  });

  it('has the values of each case in its name', () => {
    const all = names(declared().tests);

    expect(all).toEqual(
      expect.arrayContaining([
        'my engine > a closed store > fails collectGarbage with a StoreClosedError',
        'my engine > a replay that is not live > gives the same with a batchSize of 11',
        'my engine > arguments that make no sense > for a number, NaN: InvalidOptionsError of whatever takes it',
        'my engine > appending > reads back the very event that it gave back: 0',
      ]),
    );
    expect(all.filter((name) => /%[sijdfoO#]/.test(name))).toEqual([]);
  });

  it('does nothing with the engine before a test is run, and has each test a log of its own', async () => {
    const { tests, seen } = declared();
    expect(seen).toEqual({ created: 0, cleanedUp: 0 });

    for (const { run } of tests.slice(0, 5)) expect(await run()).toBeUndefined();

    expect(seen).toEqual({ created: 5, cleanedUp: 5 });
  });
});

describe('an engine with a fault', () => {
  it('that forgets the filter is told so, by the names of filters', async () => {
    const { tests } = declared((log) => ({
      ...log,
      read: (request) => log.read({ ...request, filter: undefined }),
    }));

    expect(await failing(tests, 'a filter of')).toEqual(
      expect.arrayContaining(['one type lets through the same in a page']),
    );
    expect(await failing(tests, 'appending')).toEqual([]);
  });

  it('that gives numbers twice fails the tests of numbers', async () => {
    const { tests } = declared((log) => ({
      ...log,
      append: async (drafts, now) => ({ ...(await log.append(drafts, now)), firstSeqNum: 1 }),
    }));

    expect(await failing(tests, 'appending')).toContain('numbers events from 1, one more each');
  });

  it('that forgets checkpoints fails the tests of those', async () => {
    const { tests } = declared((log) => ({ ...log, storeCheckpoint: async () => {} }));

    expect(await failing(tests, 'a checkpoint')).toContain('of 0 is one');
  });

  it('that tells nobody of appends fails those who wait, and is cleaned up all the same', async () => {
    const { tests, seen } = declared((log) => {
      const { appended$: silent } = createMemoryEventLog();
      return { ...log, appended$: silent };
    });

    const waits = tests.filter(
      ({ path }) => path.at(-1) === 'waits for an append, and wakes with what was appended',
    );
    expect(waits).toHaveLength(1);
    for (const { run } of waits) expect(await run()).toBeDefined();
    expect(seen).toEqual({ created: 1, cleanedUp: 1 });
  });
});
