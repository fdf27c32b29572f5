import { DuplicateIdError, PartialBatchError, StoreError, trimHorizon } from 'rx-watcher';
import { defer, lastValueFrom, NEVER, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { appendInBatches, createAppendBatch } from '../../../../src/engine/jetstream/append/append-batch.ts';
import { createPublisher } from '../../../../src/engine/jetstream/append/publisher.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { hasServerVersion } from '../../../support/jetstream/nats-server.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

const withId = (n: number, id = `id-${n}`) => ({ ...created(n), id });
const isSupported = hasServerVersion(2, 12);

test('a store on JetStream reports atomic batches if, and only if, the server has version 2.12 or later', async () => {
  const store = await streams.open();

  expect(store.atomicBatches).toBe(isSupported);
});

test('appendInBatches() rejects with the numbers of all stored events if only some events of a batch were stored', async () => {
  const records = span(1, 1500).map((n) => ({
    operation: 'CREATE' as const,
    objectType: 'Job',
    payload: Buffer.from(`${n}`),
  }));
  const cause = new StoreError('no room');

  const failure = await failureOf(
    appendInBatches(records, async (batch) => {
      if (batch.length < 1000) throw new PartialBatchError([1001, 1002], batch.length, cause);
      return batch.map((_, index) => ({ seqNum: index + 1, isDuplicate: false }));
    }),
  );

  expect(failure).toMatchObject({ stored: span(1, 1002), cause });
  expect(String(failure)).toContain('1002 of 1500 events were stored');
});

if (isSupported) {
  describe('an atomic batch on JetStream', () => {
    test('an atomic batch on JetStream has contiguous numbers even while other stores append', async () => {
      const stream = streams.nextStream();
      const [one, other] = [await streams.open({ stream }), await streams.open({ stream })];

      const batches = await Promise.all(
        span(1, 40).map((n) =>
          (n % 2 === 0 ? one : other).storeEvents(span(1, 25).map((m) => created(100 * n + m))),
        ),
      );

      for (const batch of batches) {
        const [first = 0] = seqNums(batch);
        expect(seqNums(batch)).toEqual(span(first, first + 24));
      }
      expect(seqNums(await readAll(one))).toEqual(span(1, 1000));
    });

    test('an atomic batch on JetStream stores no event if the stream has no room for all events', async () => {
      const stream = streams.nextStream();
      const { manager } = await rawStream(streams.server.url);
      await (await streams.open({ stream })).close();
      await manager.streams.update(stream, { discard: 'new', max_msgs: 3 } as never);
      const store = await streams.open({ stream });
      await store.storeEvent(created(1));

      const failure = await failureOf(store.storeEvents(span(2, 5).map(created)));

      expect(failure).toBeInstanceOf(StoreError);
      expect(String(failure)).toContain('no event of the batch was stored: maximum messages exceeded');
      expect(seqNums(await readAll(store))).toEqual([1]);
      expect(seqNums(await store.storeEvents([created(2), created(3)]))).toEqual([2, 3]);
    });

    test('an atomic batch on JetStream stores only events with new ids, and returns the stored events of known ids', async () => {
      const store = await streams.open();
      await store.storeEvents([withId(1), withId(2)]);

      const events = await store.storeEvents([created(3), withId(2), withId(4), withId(1), created(5)]);

      expect(seqNums(events)).toEqual([3, 2, 4, 1, 5]);
      expect(seqNums(await readAll(store))).toEqual(span(1, 5));
    });

    test('an atomic batch on JetStream stores no event if an id belongs to another event', async () => {
      const store = await streams.open();
      await store.storeEvent(withId(1));

      const failure = await failureOf(
        store.storeEvents([created(2), { ...withId(1), objectType: 'Other' }, created(3)]),
      );

      expect(failure).toBeInstanceOf(DuplicateIdError);
      expect(failure).toMatchObject({ id: 'id-1', seqNum: 1 });
      expect(seqNums(await readAll(store))).toEqual([1]);
    });

    test('an atomic batch on JetStream is stored once if two stores append the same ids at the same time', async () => {
      const stream = streams.nextStream();
      const stores = [await streams.open({ stream }), await streams.open({ stream })];

      const rounds = await Promise.all(
        span(1, 20).map((n) =>
          Promise.all(stores.map((store) => store.storeEvents(span(1, 10).map((m) => withId(100 * n + m))))),
        ),
      );

      for (const [one, other] of rounds) expect(one).toEqual(other);
      expect(await readAll(stores[0] as (typeof stores)[0])).toHaveLength(200);
    });

    test.each([
      ['with ids', withId],
      ['without ids', created],
    ])(
      'an atomic batch on JetStream is stored once if its acknowledgement is lost: %s',
      async (_title, toRequest) => {
        const stream = streams.nextStream();
        const proxy = await streams.proxy();
        const interrupted = await streams.open({ stream, servers: proxy.url });
        const other = await streams.open({ stream });
        const seen = lastValueFrom(other.events(trimHorizon()).pipe(take(200), toArray()));

        proxy.discardAnswers();
        const batch = interrupted.storeEvents(span(1, 200).map((n) => toRequest(n)));
        await seen;
        proxy.cut();

        expect(seqNums(await batch)).toEqual(span(1, 200));
        expect(seqNums(await readAll(other))).toEqual(span(1, 200));
      },
    );

    test('an atomic batch on JetStream has at most 1000 events, and further events follow in the next batch', async () => {
      const stream = streams.nextStream();
      const { manager } = await rawStream(streams.server.url);
      const store = await streams.open({ stream });

      expect(seqNums(await store.storeEvents(span(1, 2500).map(created)))).toEqual(span(1, 2500));
      await manager.streams.update(stream, { discard: 'new', max_msgs: 4200 } as never);
      const failure = await failureOf(store.storeEvents(span(1, 2500).map(created)));

      expect(failure).toBeInstanceOf(PartialBatchError);
      expect(failure).toMatchObject({ stored: span(2501, 3500) });
      expect(await readAll(store)).toHaveLength(3500);
    });

    test('an atomic batch on JetStream is stored after earlier events and before later events of the same process', async () => {
      const store = await streams.open();

      const appends = [
        ...span(1, 2000).map((n) => store.storeEvent(created(n)).then((event) => [event])),
        store.storeEvents(span(2001, 2500).map(created)),
        store.storeEvent(created(2501)).then((event) => [event]),
      ];

      expect((await Promise.all(appends)).flatMap(seqNums)).toEqual(span(1, 2501));
    });
  });
} else {
  test('a batch is completed without a second copy of an event if an old server has stored its events one by one', async () => {
    const stream = streams.nextStream();
    const store = await streams.open({ stream });
    let warnings = 0;
    const { connection, manager } = await rawStream(streams.server.url);
    const publisher = createPublisher(
      {
        connection,
        manager,
        stream,
        prefix: stream,
        inboxPrefix: '_INBOX',
        created: '',
        request: (_, send) => defer(send),
        state: () => 'connected',
        state$: NEVER,
      },
      120_000,
    );
    const appendBatch = createAppendBatch({
      publisher,
      resolveDuplicate: async (seqNum) => ({ seqNum, isDuplicate: false }),
      onNotAtomic: () => {
        warnings++;
      },
    });
    const records = span(1, 5).map((n) => ({
      operation: 'CREATE' as const,
      objectType: 'Job',
      payload: Buffer.from(JSON.stringify({ n })),
    }));

    const appended = await appendBatch(records, 1);

    expect(seqNums(appended)).toEqual(span(1, 5));
    expect(seqNums(await readAll(store))).toEqual(span(1, 5));
    expect(warnings).toBe(1);
    publisher.end();
  });
}
