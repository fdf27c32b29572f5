import type { Database } from 'lmdb';
import { afterSequenceNumber, DeserializationError, type EventStore, trimHorizon, watch } from 'rx-watcher';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll, readPage } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { type DamagedLog, damagedLog } from './damaged-log.ts';
import { tableFixture } from './table-fixture.ts';

/** Events of the middle chunk. The three chunks of the log hold the events 1 to 3, 4 to 6 and 7 to 9. */
const LOST = [4, 5, 6];

const moveChunk = async (chunks: Database<Buffer, number>, from: number, to: number) => {
  const chunk = Buffer.from(chunks.get(from) as Buffer);
  await chunks.remove(from);
  await chunks.put(to, chunk);
};

let log: DamagedLog;
beforeEach(async () => {
  log = await damagedLog();
});

describe.each<[string, (chunks: Database<Buffer, number>) => Promise<unknown>, string]>([
  ['missing', (chunks) => chunks.remove(6), 'missing'],
  [
    'replaced by the previous chunk',
    (chunks) => chunks.put(6, Buffer.from(chunks.get(3) as Buffer)),
    'number',
  ],
  ['replaced by the next chunk', (chunks) => chunks.put(6, Buffer.from(chunks.get(9) as Buffer)), 'number'],
])('a chunk that is %s on LMDB', (_kind, change, why) => {
  let store: EventStore;
  beforeEach(async () => {
    store = await log.changed(change);
  });

  test('a replay ends at a missing or replaced chunk, with an error that contains the number of the first event of the chunk', () => {
    const { values, error } = note(store.events(trimHorizon()));

    expect(seqNums(values)).toEqual([1, 2, 3]);
    expect(error).toBeInstanceOf(DeserializationError);
    expect(error).toMatchObject({ seqNum: 4 });
    expect(String(error)).toContain(why);
  });

  test('a missing or replaced chunk causes a read error for each of its events, and later events can be read', async () => {
    for (const seqNum of LOST) {
      const failure = await failureOf(readPage(store, afterSequenceNumber(seqNum - 1)));
      expect(failure).toBeInstanceOf(DeserializationError);
      expect(failure).toMatchObject({ seqNum });
    }
    expect(seqNums(await readAll(store, afterSequenceNumber(6)))).toEqual([7, 8, 9]);
  });

  test('a replay ends with an error at a missing or replaced chunk even if the filter excludes all events of the chunk', () => {
    const { values, error } = note(store.events(trimHorizon(), { filter: { objectTypes: ['Comet'] } }));

    expect(values).toEqual([]);
    expect(error).toMatchObject({ seqNum: 4 });
  });

  test('a watcher with retryStrategy skip skips the events of a missing or replaced chunk one by one', async () => {
    const outcomes = watch(store, 'w', { handler: () => undefined, retryStrategy: 'skip', maxRetries: 0 });

    const nine = await lastValueFrom(outcomes.pipe(take(9), toArray()));

    expect(nine.map(({ seqNum, status }) => [seqNum, status])).toEqual(
      span(1, 9).map((n) => [n, LOST.includes(n) ? 'skipped' : 'handled']),
    );
  });

  test('a missing or replaced chunk causes one dead letter for each of its events, without a copy of the event', async () => {
    const outcomes = watch(store, 'w', {
      handler: () => undefined,
      retryStrategy: 'deadLetter',
      maxRetries: 0,
    });
    await lastValueFrom(outcomes.pipe(take(9)));

    const deadLetters = await firstValueFrom(store.deadLetters('w').pipe(toArray()));

    expect(deadLetters.flat().map(({ seqNum }) => seqNum)).toEqual(LOST);
    expect(deadLetters.flat().map(({ event }) => event)).toEqual([undefined, undefined, undefined]);
  });
});

test('a chunk that is stored under a wrong key causes a read error for each of its events', async () => {
  const store = await log.changed((chunks) => moveChunk(chunks, 6, 5));

  for (const seqNum of LOST) {
    expect(await failureOf(readPage(store, afterSequenceNumber(seqNum - 1)))).toMatchObject({ seqNum });
  }
  expect(seqNums(await readAll(store, afterSequenceNumber(6)))).toEqual([7, 8, 9]);
});

test('garbage collection by age does not delete young events if a later chunk is missing', async () => {
  const scheduler = new VirtualClock();
  const store = await log.changed((chunks) => chunks.remove(6), { scheduler, gcAgeThreshold: 1000 });

  scheduler.set(Date.now() + 500);
  expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
});

test('compaction does not merge the chunks before a missing chunk with the chunks after it', async () => {
  const fixture = await tableFixture();
  for (const n of span(1, 1068)) await fixture.store.storeEvent(created(n));
  await fixture.table.remove(20);

  await fixture.store.collectGarbage();

  expect(fixture.keys().slice(0, 2)).toEqual([19, 1044]);
  const { values, error } = note(fixture.store.events(trimHorizon()));
  expect(values.map(({ object }) => object)).toEqual(span(1, 19).map((n) => ({ n })));
  expect(error).toMatchObject({ seqNum: 20 });
  const after = await readAll(fixture.store, afterSequenceNumber(20));
  expect(after.map(({ seqNum, object }) => [seqNum, object])).toEqual(span(21, 1068).map((n) => [n, { n }]));
  await fixture.remove();
});
