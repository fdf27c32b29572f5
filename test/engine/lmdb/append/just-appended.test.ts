import type { EventLog, StoredRecord } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { draft } from '../../../../src/testing/conformance/log-fixture.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openLmdbLog } from '../../../support/lmdb/lmdb-log.ts';

describe('appended$ of a log on LMDB', () => {
  let log: EventLog;

  eachDirectory((directory) => {
    log = openLmdbLog(directory.file('events.lmdb'));
  });

  // During a slow commit, the check of the file can detect the append before the commit is reported. Then `appended$` emits
  // an empty array instead of the records, so the test accepts an empty array, too.
  test('appended$ of a log on LMDB emits the stored records after each append of this process', async () => {
    const emitted: unknown[] = [];
    const appended: (readonly StoredRecord[])[] = [];
    log.appended$.subscribe((records) => emitted.push(records));

    for (let seqNum = 1; seqNum < 40; seqNum += 2) {
      const newRecords = [draft(`${seqNum}`), draft(`${seqNum + 1}`)];
      await log.append(newRecords, 7);
      appended.push(newRecords.map((one, index) => ({ ...one, seqNum: seqNum + index, timestamp: 7 })));
    }

    const withRecords = emitted.filter((records) => (records as readonly StoredRecord[]).length !== 0);
    expect(emitted).toHaveLength(appended.length);
    expect(withRecords.length).toBeGreaterThan(0);
    expect(appended).toEqual(expect.arrayContaining(withRecords));
    await log.close();
  });

  test('appended$ of a log on LMDB emits an empty array after an import', async () => {
    const emitted: unknown[] = [];
    await log.append([draft('1')], 7);
    log.appended$.subscribe((records) => emitted.push(records));

    await log.importRecords?.(1, [{ ...draft('2'), seqNum: 2, timestamp: 7 }]);

    expect(emitted).toEqual([[]]);
    await log.close();
  });
});
