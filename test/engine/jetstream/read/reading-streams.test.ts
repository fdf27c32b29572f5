import {
  afterSequenceNumber,
  DeserializationError,
  type EventFilter,
  SequenceTrimmedError,
  trimHorizon,
  watch,
} from 'rx-watcher';
import { lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { read } from '../../../../src/testing/conformance/log-fixture.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll, readPage } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { hasServerVersion } from '../../../support/jetstream/nats-server.ts';
import { openJetStreamLog } from '../../../support/jetstream/open-log.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

const filled = async (count: number) => {
  const stream = streams.nextStream();
  const store = await streams.open({ stream });
  await store.storeEvents(span(1, count).map(created));
  return { stream, store, ...(await rawStream(streams.server.url)) };
};

describe('events that were deleted from a stream', () => {
  test.each<[string, readonly number[]]>([
    ['in the middle', [3, 4, 5]],
    ['at the end', [9, 10]],
    ['at the beginning', [1, 2]],
    ['at several positions', [1, 4, 5, 8, 10]],
  ])(
    'events that were deleted from a stream are skipped by reads with and without a filter: %s',
    async (_where, deleted) => {
      const { stream, store, manager } = await filled(10);
      for (const seqNum of deleted) await manager.streams.deleteMessage(stream, seqNum);
      const remaining = span(1, 10).filter((n) => !deleted.includes(n));

      for (const batchSize of [1, 2, 3, 100]) {
        expect(seqNums(await readAll(store, trimHorizon(), { batchSize }))).toEqual(remaining);
      }
      const log = await openJetStreamLog({ servers: streams.server.url, stream });
      for (const filter of [undefined, { objectTypes: ['Job'] }, { objectTypes: ['None'] }]) {
        expect(await read(log, { filter })).toMatchObject({ lastScannedSeqNum: 10, latest: 10 });
      }
      await log.close();
      await store.storeEvent(created(11));
      const next = await readPage(store, afterSequenceNumber(10));
      expect(seqNums(next.events)).toEqual([11]);
    },
  );

  test('a read by sequence number fails with a SequenceTrimmedError if the server deleted the event to respect maxBytes', async () => {
    const store = await streams.open({ maxBytes: 3000 });
    for (const n of span(1, 40)) await store.storeEvent(created(n));

    const left = seqNums(await readAll(store));
    const failure = await failureOf(readAll(store, afterSequenceNumber(0)));

    expect(left.at(-1)).toBe(40);
    expect(left.length).toBeLessThan(40);
    expect(failure).toBeInstanceOf(SequenceTrimmedError);
    expect(failure).toMatchObject({ requested: 0, oldest: left[0] });
  });
});

test('a message of another program fails a replay, and the events after the message can be read', async () => {
  const { stream, store, connection } = await filled(2);
  await connection.request(`${stream}.Job.CREATE`, 'hello');
  await store.storeEvent(created(4));

  const replay = note(store.events(trimHorizon(), { live: false }));
  await replay.ended;
  expect(seqNums(replay.values)).toEqual([1, 2]);
  expect(replay.error).toBeInstanceOf(DeserializationError);
  expect(replay.error).toMatchObject({ seqNum: 3 });
  expect(String(replay.error)).toContain('another program has published it');
  expect(seqNums((await readPage(store, afterSequenceNumber(3))).events)).toEqual([4]);

  const outcomes = watch(store, 'w', { handler: () => undefined, retryStrategy: 'skip', maxRetries: 0 });
  const settled = await lastValueFrom(outcomes.pipe(take(4), toArray()));
  expect(settled.map(({ seqNum, status }) => [seqNum, status])).toEqual([
    [1, 'handled'],
    [2, 'handled'],
    [3, 'skipped'],
    [4, 'handled'],
  ]);
});

test('an event with a damaged payload fails a replay with a DeserializationError', async () => {
  const { stream, store, connection, manager } = await filled(1);
  const stored = await manager.streams.getMessage(stream, { seq: 1 });
  if (stored === null) throw new Error('there is no event');
  const headers = stored.header;
  headers.delete('Nats-Msg-Id');
  await connection.request(stored.subject, '{"n":2}', { headers, timeout: 5000 });

  const failure = await failureOf(readAll(store));

  expect(failure).toMatchObject({ code: 'ERR_DESERIALIZATION', seqNum: 2 });
  expect(String(failure)).toContain('checksum');
});

describe('a filter on JetStream', () => {
  const long = '監'.repeat(1024);
  const types = ['Job', 'Node', long, 'a.b', '*', '>', 'Job', 'Node'];
  const filters: readonly (readonly [EventFilter, readonly number[]])[] = [
    [{ objectTypes: [long] }, [3]],
    [{ objectTypes: ['*'] }, [5]],
    [{ objectTypes: ['a.b', '>'] }, [4, 6]],
    [{ objectTypes: ['Job', 'Node'], operations: ['CREATE'] }, [1, 2, 7, 8]],
    [{ operations: ['DELETE'] }, []],
  ];

  test.each(filters)(
    'a filter on JetStream matches the same events with any page size and scans to the end of the log: filter %#',
    async (filter, expected) => {
      const store = await streams.open();
      await store.storeEvents(types.map((type) => request('CREATE', type)));

      for (const batchSize of [1, 3, 100]) {
        expect(seqNums(await readAll(store, trimHorizon(), { filter, batchSize }))).toEqual(expected);
      }
      expect((await readPage(store, trimHorizon(), { filter })).nextEventIterator).toEqual(
        afterSequenceNumber(8),
      );
    },
  );
});

test('a read with a filter on several types gets only events of these types from a server of version 2.10 or later', async () => {
  const stream = streams.nextStream();
  const store = await streams.open({ stream });
  await store.storeEvents(span(1, 30).map((n) => request('CREATE', ['Job', 'Node', 'Pod'][n % 3] ?? '')));
  const filter = { objectTypes: ['Job', 'Node'] };

  expect(seqNums(await readAll(store, trimHorizon(), { filter, batchSize: 10 }))).toEqual(
    span(1, 30).filter((n) => n % 3 !== 2),
  );

  const { manager } = await rawStream(streams.server.url);
  const [cursor] = await manager.consumers.list(stream).next();
  const { filter_subject, filter_subjects } = cursor?.config ?? {};
  expect(filter_subjects ?? filter_subject).toEqual(
    hasServerVersion(2, 10) ? [`${stream}.Job.*`, `${stream}.Node.*`] : `${stream}.>`,
  );
});

test('a live reader with a filter on several types gets each event of these types', async () => {
  const store = await streams.open();
  const filter = { objectTypes: ['Job', 'Node'] };
  const seen = note(store.events(trimHorizon(), { filter }));

  for (const n of span(1, 12)) {
    await store.storeEvent(request('CREATE', ['Job', 'Node', 'Pod'][n % 3] ?? ''));
    await seen.has(span(1, n).filter((m) => m % 3 !== 2).length);
  }

  expect(seqNums(seen.values)).toEqual([1, 3, 4, 6, 7, 9, 10, 12]);
});

test('40 live readers on JetStream share fewer than 10 cursors', async () => {
  const { stream, store, manager } = await filled(10);
  const readers = span(1, 40).map(() => note(store.events(trimHorizon())));
  await Promise.all(readers.map((reader) => reader.has(10)));

  for (const n of span(11, 13)) {
    await store.storeEvent(created(n));
    await Promise.all(readers.map((reader) => reader.has(n)));
  }

  expect((await manager.consumers.list(stream).next()).length).toBeLessThan(10);
});

test('a live reader on JetStream reuses its cursor for the next page, and close deletes the cursor', async () => {
  const { stream, store, manager } = await filled(100);
  const consumers = async () => (await manager.consumers.list(stream).next()).length;

  const seen = note(store.events(trimHorizon(), { batchSize: 10 }));
  await seen.has(100);
  expect(await consumers()).toBe(1);
  await store.storeEvent(created(101));
  await seen.has(101);
  expect(await consumers()).toBe(1);
  await store.close();

  expect(await consumers()).toBe(0);
  expect(seqNums(seen.values)).toEqual(span(1, 101));
});
