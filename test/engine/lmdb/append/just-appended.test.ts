import type { EventLog, StoredRecord } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { draft } from '../../../../src/testing/conformance/log-fixture.ts';
import { eachDirectory } from '../../../conformance/each-directory.ts';
import { openLmdbLog } from '../../../conformance/lmdb-log.ts';

describe('what a log on LMDB tells of an append', () => {
  let log: EventLog;

  eachDirectory((directory) => {
    log = openLmdbLog(directory.file('events.lmdb'));
  });

  /** While a commit takes its time the file is looked at, and what it holds already is told without the records. */
  test('is what was appended, to whoever asks while it is told, and to nobody later', async () => {
    const told: unknown[] = [];
    const appended: (readonly StoredRecord[])[] = [];
    log.appended$.subscribe((records) => told.push(records));

    for (let seqNum = 1; seqNum < 40; seqNum += 2) {
      const drafts = [draft(`${seqNum}`), draft(`${seqNum + 1}`)];
      await log.append(drafts, 7);
      appended.push(drafts.map((one, index) => ({ ...one, seqNum: seqNum + index, timestamp: 7 })));
    }

    const known = told.filter((records) => (records as readonly StoredRecord[]).length !== 0);
    expect(told).toHaveLength(appended.length);
    expect(known.length).toBeGreaterThan(0);
    expect(appended).toEqual(expect.arrayContaining(known));
    await log.close();
  });

  test('is nothing where it has to look for it', async () => {
    const told: unknown[] = [];
    await log.append([draft('1')], 7);
    log.appended$.subscribe((records) => told.push(records));

    await log.importRecords?.(1, [{ ...draft('2'), seqNum: 2, timestamp: 7 }]);

    expect(told).toEqual([[]]);
    await log.close();
  });
});
