import { afterSequenceNumber, atTimestamp, latest, SequenceTrimmedError, trimHorizon } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { beforeEach, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { passEverything } from '../../../../src/testing/conformance/support/pass-everything.ts';
import { readAll, readPage } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachDirectory } from '../../../support/each-directory.ts';

const directory = eachDirectory();
let time: VirtualClock;

beforeEach(() => {
  time = new VirtualClock();
});

const open = () =>
  openLmdbStore({ path: directory.file('events.lmdb'), scheduler: time, gcAgeThreshold: 1000 });

/** Creates a log of ten events, deletes all of them by garbage collection, and closes it. */
const createEmptied = async () => {
  const store = open();
  time.set(7000);
  await store.storeEvents(span(1, 10).map(created));
  await passEverything(store);
  time.set(9000);
  expect(await store.collectGarbage()).toEqual({ deleted: 10, oldestSeqNum: 11 });
  await store.close();
};

test('an LMDB log without remaining events continues its sequence numbers after a reopen', async () => {
  await createEmptied();
  const store = open();

  expect(await firstValueFrom(store.getLatestSeqNum())).toBe(10);
  expect(await readAll(store)).toEqual([]);
  expect((await store.storeEvents([created(11), created(12)])).map(({ seqNum }) => seqNum)).toEqual([11, 12]);
  await store.close();
});

test('an LMDB log without remaining events does not decrease its timestamps after a reopen, even if the clock is set back', async () => {
  await createEmptied();
  time.set(3);
  const store = open();

  const stored = [await store.storeEvent(created(11)), await store.storeEvent(created(12))];

  expect(stored.map(({ timestamp }) => timestamp.getTime())).toEqual([7000, 7000]);
  await store.close();
});

test('an LMDB log without remaining events rejects reads of deleted events after a reopen, and emits new events', async () => {
  await createEmptied();
  const store = open();

  expect(await failureOf(readPage(store, afterSequenceNumber(4)))).toEqual(new SequenceTrimmedError(4, 11));
  const iterators = [trimHorizon(), latest(), afterSequenceNumber(10), atTimestamp(new Date(0))];
  const next = iterators.map((iterator) => firstValueFrom(store.events(iterator)));
  await store.storeEvent(created(11));
  expect(seqNums(await Promise.all(next))).toEqual([11, 11, 11, 11]);
  await store.close();
});

test('an LMDB log that is repeatedly emptied and reopened continues its sequence numbers', async () => {
  for (const round of span(0, 4)) {
    const store = open();
    expect((await store.storeEvents([created(1), created(2)]))[0]?.seqNum).toBe(2 * round + 1);
    await passEverything(store);
    time.set(time.now() + 5000);
    expect(await store.collectGarbage()).toEqual({ deleted: 2, oldestSeqNum: 2 * round + 3 });
    await store.close();
  }
});

test('events that were trimmed from a part of a chunk stay deleted after a reopen', async () => {
  const before = open();
  await before.storeEvents(span(1, 10).map(created));
  await before.storeCheckpoint('w', 6);
  time.set(5000);
  await before.collectGarbage();
  await before.close();

  const store = open();

  expect(seqNums(await readAll(store))).toEqual([7, 8, 9, 10]);
  expect(seqNums(await readAll(store, afterSequenceNumber(8)))).toEqual([9, 10]);
  expect((await readAll(store)).map(({ object }) => object)).toEqual(span(7, 10).map((n) => ({ n })));
  expect(await failureOf(readAll(store, afterSequenceNumber(5)))).toEqual(new SequenceTrimmedError(5, 7));
  await store.storeCheckpoint('w', 9);
  expect(await store.collectGarbage()).toEqual({ deleted: 3, oldestSeqNum: 10 });
  await store.close();
});
