import { createEventStore, type EventLog, type LogTransaction } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { createLmdbEventLog } from '../../../../src/engine/lmdb/lmdb-event-log.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openLmdbLog, openLmdbParts } from '../../../support/lmdb/lmdb-log.ts';

const COUNT = 100;

describe('garbage collection on LMDB in several transactions', () => {
  let path: string;
  let log: EventLog;
  let reads: number;

  eachDirectory(async (directory) => {
    path = directory.file('events.lmdb');
  });
  beforeEach(async () => {
    reads = 0;
    const dependencies = openLmdbParts(path);
    const { checkpointTable } = dependencies;
    const getRange = checkpointTable.getRange.bind(checkpointTable);
    checkpointTable.getRange = (...args) => {
      reads++;
      return getRange(...args);
    };
    log = createLmdbEventLog(dependencies);
    const records = span(1, COUNT).map(() => ({
      operation: 'CREATE' as const,
      objectType: 'Job',
      payload: Buffer.from('1'),
    }));
    await log.append(records, 0);
    await log.storeCheckpoint('w', COUNT);
  });

  const trim = (maxSeqNum: number) =>
    log.trim({ maxSeqNum, maxTimestamp: Number.POSITIVE_INFINITY, respectCheckpoints: true, maxRecords: 10 });

  test('garbage collection does not read all checkpoints again if checkpoints have only moved forward', async () => {
    await firstValueFrom(log.checkpoints());
    reads = 0;
    for (const slice of span(1, 5)) {
      await log.storeCheckpoint('w', COUNT + slice);
      expect(await trim(COUNT)).toEqual({ deleted: 10, oldest: 10 * slice + 1 });
    }
    expect(reads).toBe(0);
    await log.close();
  });

  test('garbage collection reads all checkpoints once in a run, not once in each transaction', async () => {
    const time = new VirtualClock();
    const store = createEventStore(log, { scheduler: time, gcAgeThreshold: 1000 });
    await store.storeEvents(span(1, 7000).map(created));
    await store.storeCheckpoint('w', COUNT + 7000);
    time.set(5000);

    expect((await store.collectGarbage()).deleted).toBe(COUNT + 7000);

    // The run reads the checkpoints once, and so does the check for checkpoints that retain old events.
    expect(reads).toBeLessThanOrEqual(2);
    await store.close();
  });

  test.each([
    ['a new watcher', () => log.storeCheckpoint('new', 25)],
    ['a watcher that moves backwards', () => log.storeCheckpoint('w', 25)],
    [
      'a watcher that is deleted and starts again',
      () => Promise.all([log.deleteCheckpoint('w'), log.storeCheckpoint('w', 25)]),
    ],
    [
      'a watcher that moves backwards during the write of its checkpoint',
      () => Promise.all([log.storeCheckpoint('w', 500), log.storeCheckpoint('w', 25)]),
    ],
    [
      'a watcher that stores the checkpoint with a dead letter',
      () => log.deadLetters?.store({ watcherId: 'new', seqNum: 25, details: '{}', checkpoint: 25 }),
    ],
    [
      'a watcher in another process',
      async () => {
        const other = openLmdbLog(path);
        await other.storeCheckpoint('new', 25);
        await other.close();
      },
    ],
    [
      'a watcher that moves forward in a transaction that reads the checkpoints and is rolled back',
      async () => {
        await log.storeCheckpoint('new', 25);
        const work = (transaction: LogTransaction) => {
          transaction.storeCheckpoint('new', COUNT);
          log.checkpoints().subscribe();
          throw new Error('no');
        };
        await failureOf(Promise.resolve(log.transact?.(work)));
      },
    ],
  ])('garbage collection deletes no event after the checkpoint of %s', async (_, store) => {
    await trim(COUNT);
    await store();

    for (const _slice of span(1, 4)) await trim(COUNT);

    expect((await firstValueFrom(log.bounds())).oldest).toBe(26);
    await log.close();
  });

  test('garbage collection deletes no event after a checkpoint that has moved backwards under a lease', async () => {
    await log.leases?.store('w', { token: 1, owner: 'one' }, 0);
    await trim(COUNT);
    await log.storeCheckpoint('w', 25, 1);
    await log.storeCheckpoint('w', 28, 1);

    for (const _slice of span(1, 4)) await trim(COUNT);

    expect((await firstValueFrom(log.bounds())).oldest).toBe(29);
    await log.close();
  });

  test('garbage collection does not share its commits with transactions of the application, which can be rolled back', async () => {
    let calls = 0;
    const transacted = log.transact?.(() => ++calls);
    const trimmed = trim(COUNT);
    const failed = Promise.resolve(
      log.transact?.(() => {
        throw new Error('no');
      }),
    );
    const failure = failureOf(failed);

    expect(await trimmed).toEqual({ deleted: 10, oldest: 11 });
    expect(await failure).toBeInstanceOf(Error);
    expect(await transacted).toBe(1);
    await log.close();
  });
});
