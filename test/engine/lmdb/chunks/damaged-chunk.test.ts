import {
  afterSequenceNumber,
  atSequenceNumber,
  DeserializationError,
  type EventStore,
  trimHorizon,
  watch,
} from 'rx-watcher';
import { lastValueFrom, take, toArray } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll, readPage } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { type DamagedLog, damagedLog } from './damaged-log.ts';

/**
 * The log has three chunks: events 1 to 3, 4 to 6 and 7 to 9. Event 5 is a Node, all other events are Jobs. The payload of
 * event 5 is damaged.
 */
describe('an event with a damaged payload on LMDB', () => {
  let log: DamagedLog;
  let store: EventStore;

  beforeEach(async () => {
    log = await damagedLog();
    store = await log.damage((chunk) => chunk.write('?', chunk.indexOf('Saturn')));
  });

  test('an event with a damaged payload ends a replay with an error that contains the number of the event', () => {
    const { values, error } = note(store.events(trimHorizon()));

    expect(seqNums(values)).toEqual([1, 2, 3, 4]);
    expect(error).toBeInstanceOf(DeserializationError);
    expect(error).toMatchObject({ seqNum: 5 });
    expect(String(error)).toContain('checksum');
  });

  test('a page ends before an event with a damaged payload, and a page that starts with this event fails', async () => {
    const page = await readPage(store, trimHorizon());

    expect(seqNums(page.events)).toEqual([1, 2, 3, 4]);
    expect(page.nextEventIterator).toEqual(afterSequenceNumber(4));
    expect(await failureOf(readPage(store, page.nextEventIterator))).toMatchObject({ seqNum: 5 });
    expect(await failureOf(readPage(store, atSequenceNumber(5)))).toMatchObject({ seqNum: 5 });
  });

  test('an event with a damaged payload does not prevent reads of later events', async () => {
    expect(seqNums(await readAll(store, afterSequenceNumber(5)))).toEqual([6, 7, 8, 9]);
  });

  test('an event with a damaged payload does not fail a replay if the filter excludes the event', async () => {
    const jobs = await readAll(store, trimHorizon(), { filter: { objectTypes: ['Job'] } });

    expect(seqNums(jobs)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
  });

  test('a watcher with retryStrategy skip skips only the event with a damaged payload', async () => {
    const outcomes = watch(store, 'w', { handler: () => undefined, retryStrategy: 'skip', maxRetries: 0 });

    const nine = await lastValueFrom(outcomes.pipe(take(9), toArray()));
    const seen = nine.map(({ seqNum, status }) => `${seqNum} ${status}`);

    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${n} ${n === 5 ? 'skipped' : 'handled'}`));
  });
});

describe('a chunk with a damaged head on LMDB', () => {
  let log: DamagedLog;

  beforeEach(async () => {
    log = await damagedLog();
  });

  test.each<[string, (chunk: Buffer) => unknown, string]>([
    ['a changed byte', (chunk) => chunk.writeUInt8(chunk.readUInt8(30) ^ 4, 30), 'checksum'],
    ['another version', (chunk) => chunk.writeUInt8(9, 0), 'version 9'],
    ['zeros in place of all bytes', (chunk) => chunk.fill(0), 'version 0'],
  ])(
    'a chunk with a damaged head causes a read error for each of its events, and later events can be read: %s',
    async (_by, damage, why) => {
      const store = await log.damage(damage);

      const { values, error } = note(store.events(trimHorizon()));
      expect(seqNums(values)).toEqual([1, 2, 3]);
      expect(error).toMatchObject({ seqNum: 4 });
      expect(String(error)).toContain(why);
      for (const seqNum of [4, 5, 6]) {
        const failure = await failureOf(readPage(store, afterSequenceNumber(seqNum - 1)));
        expect(failure).toBeInstanceOf(DeserializationError);
        expect(failure).toMatchObject({ seqNum });
      }
      expect(seqNums(await readAll(store, afterSequenceNumber(6)))).toEqual([7, 8, 9]);
    },
  );

  test('a watcher with retryStrategy skip skips the events of a chunk with a damaged head one by one', async () => {
    const store = await log.damage((chunk) => chunk.fill(0));
    const outcomes = watch(store, 'w', { handler: () => undefined, retryStrategy: 'skip', maxRetries: 0 });

    const nine = await lastValueFrom(outcomes.pipe(take(9), toArray()));
    const seen = nine.map(({ seqNum, status }) => [seqNum, status]);

    expect(seen.map(([seqNum]) => seqNum)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seen.filter(([, status]) => status === 'skipped')).toHaveLength(3);
  });

  test('a damaged head of the last chunk does not prevent the next append', async () => {
    const store = await log.damage((chunk) => chunk.fill(0), 9);

    const event = await store.storeEvent(created(10));

    expect(event.seqNum).toBe(10);
    expect(
      await lastValueFrom(store.events(afterSequenceNumber(9), { live: false }).pipe(toArray())),
    ).toStrictEqual([event]);
    expect((await store.storeEvents([request('DELETE', 'Job')]))[0]?.seqNum).toBe(11);
  });

  test('garbage collection by age does not delete young events if a chunk has a damaged head', async () => {
    const scheduler = new VirtualClock();
    const store = await log.damage((chunk) => chunk.fill(0), 6, { scheduler, gcAgeThreshold: 1000 });

    scheduler.set(Date.now() + 500);
    expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
  });
});
