import { join } from 'node:path';
import fc from 'fast-check';
import { type EventHandler, trimHorizon, type Watcher } from 'rx-watcher';
import { lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { BufferedRows, ExactlyOnce } from '../../docs/examples/git-history/exactly-once.ts';
import { type DemoLog, type FileEvent, openFileLog } from '../../docs/examples/git-history/open-log.ts';
import { authors } from '../../docs/examples/git-history/views.ts';
import { testDirectory } from '../support/temporary-directory.ts';

const EVENTS = 40;

async function logOf(path: string, count = EVENTS): Promise<{ log: DemoLog; events: FileEvent[] }> {
  const log = openFileLog(path);
  const requests = Array.from({ length: count }, (_, index) => ({
    operation: 'UPDATE' as const,
    objectType: 'ts',
    object: {
      path: `file ${index % 7}`,
      commit: `commit ${index >> 1}`,
      author: `author ${(index >> 1) % 3}`,
      date: new Date(index * 1e6).toISOString(),
      subject: '',
    },
  }));
  await log.events.storeEvents(requests);
  return {
    log,
    events: await lastValueFrom(log.events.events(trimHorizon(), { live: false }).pipe(toArray())),
  };
}

/** Replaces a watcher: stores the checkpoint, unless it is killed before. */
class FakeWatcher {
  saved = 0;
  killed = false;

  readonly watcher = {
    checkpoint: async (seqNum: number) => {
      if (this.killed) throw new Error('killed');
      this.saved = seqNum;
    },
  } as unknown as Watcher<FileEvent>;
}

const deliver = async (handler: EventHandler<FileEvent>, event: FileEvent, attempt = 1) => {
  await handler(event, { attempt, watcherId: authors.name, signal: new AbortController().signal });
};

test('a view counts each event once after kills and repeated deliveries', async () => {
  const directory = testDirectory();
  let run = 0;
  const round = fc.record({ events: fc.nat(12), end: fc.constantFrom('before', 'between', 'after') });
  const undisturbed = await rowsAfter([]);

  /** Delivers events in each round, then kills: before the rows are written, before the checkpoint, or after both. */
  async function rowsAfter(rounds: readonly { events: number; end: string }[]) {
    const { log, events } = await logOf(join(directory, `${run++}.lmdb`));
    const fake = new FakeWatcher();
    for (const { events: count, end } of [...rounds, { events: EVENTS, end: 'after' }]) {
      const counter = new ExactlyOnce(log, authors);
      const handler = counter.handlerFor(fake.watcher);
      for (const event of events.slice(fake.saved, fake.saved + count)) await deliver(handler, event);
      fake.killed = end === 'between';
      if (end !== 'before') await counter.commit(fake.watcher).catch(() => {});
    }
    const rows = [...new ExactlyOnce(log, authors).rows.stored()];
    await log.close();
    return rows;
  }

  expect(undisturbed.map(({ changes }) => changes)).toEqual([14, 14, 12]);
  await fc.assert(
    fc.asyncProperty(fc.array(round, { maxLength: 6 }), async (rounds) => {
      expect(await rowsAfter(rounds)).toEqual(undisturbed);
    }),
    { numRuns: 60 },
  );
});

test('a view counts an event once if the handler is retried after a failed write of the rows', async () => {
  const { log, events } = await logOf(join(testDirectory(), 'log.lmdb'), 1000);
  const counter = new ExactlyOnce(log, authors);
  const handler = counter.handlerFor(new FakeWatcher().watcher);
  for (const event of events.slice(0, 999)) await deliver(handler, event);
  const last = events[999] as FileEvent;

  await log.positions.put(authors.name, 7); // as another process would
  await expect(deliver(handler, last)).rejects.toThrow(
    'cannot store the rows of authors: another process has changed them',
  );
  expect([...counter.rows.stored()]).toEqual([]);
  await log.positions.remove(authors.name);
  await deliver(handler, last, 2);

  const changes = [...counter.rows.stored()].map((row) => row.changes);
  expect(changes.reduce((sum, each) => sum + each)).toBe(1000);
  expect(counter.redelivered).toBe(0);
  await log.close();
});

const NAMES = [
  '',
  '1',
  '\x01',
  'a\nb',
  '李'.repeat(550),
  '李'.repeat(2000),
  `${'李'.repeat(2000)}!`,
  'x'.repeat(4000),
];

test('a view stores a row under any name, even if the name is longer than an LMDB key', async () => {
  const log = openFileLog(join(testDirectory(), 'log.lmdb'));
  const rows = new BufferedRows<string>(log.env.openDB({ name: 'rows', encoding: 'json' }));
  for (const name of NAMES) rows.put(name, `row of ${name}`);
  await log.transaction(() => rows.write());
  rows.clearChanges();
  expect(NAMES.map((name) => rows.get(name))).toEqual(NAMES.map((name) => `row of ${name}`));

  rows.remove('1');
  expect(rows.get('1')).toBeUndefined();
  expect([...rows.stored()]).toHaveLength(NAMES.length);
  await log.transaction(() => rows.write());
  expect([...rows.stored()]).toHaveLength(NAMES.length - 1);
  await log.close();
});
