import type { EventLog } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { draft } from '../../../src/testing/conformance/log-fixture.ts';
import { eachDirectory } from '../../conformance/each-directory.ts';
import { openLmdbLog } from '../../conformance/lmdb-log.ts';

describe('what a log on LMDB tells of an append', () => {
  let log: EventLog;

  eachDirectory((directory) => {
    log = openLmdbLog(directory.file('events.lmdb'));
  });

  test('is what was appended, to whoever asks while it is told, and to nobody later', async () => {
    const told: unknown[] = [];
    log.appended$.subscribe(() => told.push(log.justAppended?.()));

    await log.append([draft('1'), draft('2')], 7);
    await log.append([draft('3')], 8);

    expect(told).toEqual([
      [
        { ...draft('1'), seqNum: 1, timestamp: 7 },
        { ...draft('2'), seqNum: 2, timestamp: 7 },
      ],
      [{ ...draft('3'), seqNum: 3, timestamp: 8 }],
    ]);
    expect(log.justAppended?.()).toEqual([]);
    await log.close();
  });

  test('is nothing where it has to look for it', async () => {
    const told: unknown[] = [];
    await log.append([draft('1')], 7);
    log.appended$.subscribe(() => told.push(log.justAppended?.()));

    await log.restore?.(1, [{ ...draft('2'), seqNum: 2, timestamp: 7 }]);

    expect(told).toEqual([[]]);
    await log.close();
  });
});
