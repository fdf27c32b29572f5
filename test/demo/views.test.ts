import { join } from 'node:path';
import fc from 'fast-check';
import { createManager } from 'rx-watcher';
import { lastValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { countOnce } from '../../docs/examples/git-history/count-once.ts';
import {
  type DemoLog,
  type FileEvent,
  openFileLog,
  openTables,
} from '../../docs/examples/git-history/open-log.ts';
import { TableRows } from '../../docs/examples/git-history/rows.ts';
import { authors } from '../../docs/examples/git-history/views.ts';
import { testDirectory } from '../support/temporary-directory.ts';

const EVENTS = 40;

const events: readonly FileEvent[] = Array.from({ length: EVENTS }, (_, index) => ({
  seqNum: index + 1,
  timestamp: new Date(0),
  operation: 'UPDATE',
  objectType: 'ts',
  object: {
    path: `file ${index % 7}`,
    commit: `commit ${index >> 1}`,
    author: `author ${(index >> 1) % 3}`,
    date: new Date(index * 1e6).toISOString(),
    subject: '',
  },
}));

const rowsIn = ({ env }: Pick<DemoLog, 'env'>) =>
  new TableRows<ReturnType<typeof authorsRow>>(env.openDB({ name: 'rows', encoding: 'json' }));

/** Type of a row of the view of authors. */
const authorsRow = () => ({ author: '', commits: 0, changes: 0, first: '', last: '', lastCommit: '' });

/** Number of changes of each author after all events. */
const CHANGES = [14, 14, 12];

test('with the log in a file, a view of the demo counts each event once, in the transaction that stores the checkpoint', async () => {
  const log = openFileLog(join(testDirectory(), 'log.lmdb'));
  await log.events.storeEvents(
    events.map(({ operation, objectType, object }) => ({ operation, objectType, object })),
  );
  const rows = rowsIn(log);
  for (const maxBatch of [7, 1000]) {
    const manager = createManager(log.events);
    const watcher = manager.create(authors.name, {
      transactionHandler: (event) => authors.fold(event, rows),
      maxBatch,
      autoStart: true,
    });
    await lastValueFrom(watcher.whenProcessed(EVENTS));
    await manager.stop();
    expect([...rows.stored()].map(({ changes }) => changes)).toEqual(CHANGES);
    expect(log.positions.get(authors.name)).toBe(EVENTS);
  }
  await log.close();
});

test('a view of the demo on a stream counts each event once, even if events are delivered again or transactions fail', async () => {
  const directory = testDirectory();
  let run = 0;
  const delivery = fc.record({ from: fc.nat(EVENTS), count: fc.nat(12), isFailed: fc.boolean() });

  await fc.assert(
    fc.asyncProperty(fc.array(delivery, { maxLength: 8 }), async (deliveries) => {
      const tables = openTables(join(directory, `${run++}.lmdb`));
      const rows = rowsIn(tables);
      let isFailing = false;
      const transaction = async (work: () => void) =>
        tables.env.transactionSync(() => {
          work();
          if (isFailing) throw new Error('no room');
        });
      const handle = countOnce({ ...tables, transaction }, authors.name, (event) =>
        authors.fold(event, rows),
      );
      const context = { attempt: 1, watcherId: authors.name, signal: new AbortController().signal };
      const deliver = async (batch: readonly FileEvent[]) => {
        if (batch.length > 0) await handle(batch, context);
      };
      for (const { from, count, isFailed } of deliveries) {
        // A watcher can deliver counted events again, but never skips an event.
        const start = Math.min(from, tables.positions.get(authors.name) ?? 0);
        isFailing = isFailed;
        await deliver(events.slice(start, start + count)).catch(() => {});
      }
      isFailing = false;
      await deliver(events);

      expect([...rows.stored()].map(({ changes }) => changes)).toEqual(CHANGES);
      expect(tables.positions.get(authors.name)).toBe(EVENTS);
      await tables.env.close();
    }),
    { numRuns: 60 },
  );
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

test('a view of the demo stores a row under any name, even if the name is longer than an LMDB key', async () => {
  const log = openFileLog(join(testDirectory(), 'log.lmdb'));
  const rows = new TableRows<string>(log.env.openDB({ name: 'rows', encoding: 'json' }));
  await log.transaction(() => {
    for (const name of NAMES) rows.put(name, `row of ${name}`);
  });
  expect(NAMES.map((name) => rows.get(name))).toEqual(NAMES.map((name) => `row of ${name}`));

  await log.transaction(() => rows.remove('1'));
  expect(rows.get('1')).toBeUndefined();
  expect([...rows.stored()]).toHaveLength(NAMES.length - 1);
  await log.close();
});
