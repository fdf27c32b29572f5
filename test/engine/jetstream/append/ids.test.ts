import { headers } from '@nats-io/transport-node';
import { DuplicateIdError, PartialBatchError, StoreError, trimHorizon } from 'rx-watcher';
import { request } from 'rx-watcher/testing';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { messageIdOf } from '../../../../src/engine/jetstream/append/context-format.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream, FAST_RECONNECT } from '../../../support/jetstream/each-stream.ts';
import { natsServer } from '../../../support/jetstream/nats-server.ts';
import { openJetStreamLog } from '../../../support/jetstream/open-log.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();
const job = (id: string, n = 0) => request({ objectType: 'Job', id, object: { n } });

async function openTwo() {
  const stream = streams.nextStream();
  return { stream, one: await streams.open({ stream }), other: await streams.open({ stream }) };
}

describe('an append with an id on JetStream', () => {
  test('an append with an id on JetStream stores nothing if another store has used the id, and resolves with the stored event', async () => {
    const { one, other } = await openTwo();
    await one.storeEvent(created(1));
    const first = await one.storeEvent({ ...job('a', 1), key: 'k', metadata: { user: 'ada' } });

    const second = await other.storeEvent({ ...job('a', 2), key: 'k' });

    expect(second).toStrictEqual(first);
    expect(await readAll(other)).toHaveLength(2);
    expect((await other.storeEvent(created(3))).seqNum).toBe(3);
  });

  test('an append with an id on JetStream is rejected if the id belongs to an event with another key', async () => {
    const { one, other } = await openTwo();
    await one.storeEvent({ ...job('a'), key: 'k' });

    const failure = await failureOf(other.storeEvent({ ...job('a'), key: 'l' }));

    expect(failure).toBeInstanceOf(DuplicateIdError);
    expect(failure).toMatchObject({ id: 'a', seqNum: 1 });
    expect(await readAll(one)).toHaveLength(1);
  });

  test('a batch that is not atomic is rejected with a PartialBatchError if an id belongs to an event with another key', async () => {
    const stream = await streams.streamWithoutBatches();
    const [one, other] = [await streams.open({ stream }), await streams.open({ stream })];
    await one.storeEvent({ ...job('a'), key: 'k' });

    const failure = await failureOf(other.storeEvents([job('b'), job('a'), job('c')]));

    expect(failure).toBeInstanceOf(PartialBatchError);
    expect(failure).toMatchObject({ stored: [2, 3] });
    expect((failure as Error).cause).toBeInstanceOf(DuplicateIdError);
  });

  test('a batch returns the stored event with its number if the batch contains the id of that event', async () => {
    const { one, other } = await openTwo();
    const [first] = await one.storeEvents([job('a', 1), created(2)]);

    const stored = await other.storeEvents([job('b'), job('a', 3), created(4)]);

    expect(seqNums(stored)).toEqual([3, 1, 4]);
    expect(stored[1]).toStrictEqual(first);
  });

  test('concurrent appends with the same id on JetStream store one event', async () => {
    const store = await streams.open();

    const [first, second] = await Promise.all([store.storeEvent(job('a', 1)), store.storeEvent(job('a', 2))]);

    expect(second).toStrictEqual(first);
    expect(await readAll(store)).toEqual([first]);
  });

  test('a second append of an id on JetStream stores nothing after the server was killed and started again', async () => {
    const server = await natsServer();
    onTestFinished(server.remove);
    await server.start();
    const store = await streams.open({ servers: server.url, connectionOptions: FAST_RECONNECT });
    const first = await store.storeEvent(job('a', 1));

    await server.kill('SIGKILL');
    await server.start();

    expect(await store.storeEvent(job('a', 2))).toStrictEqual(first);
  });

  test('a duplicate append on JetStream does not change the latest number that a concurrent read returns', async () => {
    const { one, other } = await openTwo();
    await one.storeEvents([job('a'), job('b'), job('c')]);

    const [latest] = await Promise.all([firstValueFrom(other.getLatestSeqNum()), other.storeEvent(job('a'))]);

    expect(latest).toBe(3);
  });

  test('storeEvent on JetStream returns the number of a deleted event if the duplicate window still contains its id', async () => {
    const stream = streams.nextStream();
    const one = await streams.open({ stream, retention: { maxEvents: 1 } });
    const other = await streams.open({ stream });
    await one.storeEvents([job('a', 1), created(2)]);
    await one.collectGarbage();

    const [latest, event] = await Promise.all([
      firstValueFrom(other.getLatestSeqNum()),
      other.storeEvent(job('a', 3)),
    ]);

    expect([latest, event.seqNum]).toEqual([2, 1]);
    expect(event).toMatchObject({ id: 'a', object: { n: 3 } });
    expect(seqNums(await readAll(other))).toEqual([2]);
  });

  test('an append on JetStream is rejected with a StoreError if a message of another program has the same id', async () => {
    const { one, stream } = await openTwo();
    const { connection } = await rawStream(streams.server.url);
    const foreign = headers();
    foreign.set('Nats-Msg-Id', messageIdOf('a'));
    await connection.request(`${stream}.Job.CREATE`, '{}', { headers: foreign, timeout: 5000 });

    const failure = await failureOf(one.storeEvent(job('a')));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toMatch(/cannot read event 1, which has the id 'a' already: .*another program/);
  });

  test('a duplicate append on JetStream resolves with the stored event even if the store closes in the meantime', async () => {
    const { one, other } = await openTwo();
    const stored = await one.storeEvents(span(1, 100).map((n) => job(`${n}`, n)));

    const again = other.storeEvents(span(1, 100).map((n) => job(`${n}`)));
    await other.close();

    expect(await again).toEqual(stored);
  });
});

describe('ids on JetStream with an unreliable connection', () => {
  test('ids are stored once if two stores append them at the same time and both lose their connection to the server', async () => {
    const stream = streams.nextStream();
    const proxies = [await streams.proxy(), await streams.proxy()];
    const stores = await Promise.all(proxies.map(({ url }) => streams.open({ stream, servers: url })));
    const reader = await streams.open({ stream });
    const seen = lastValueFrom(reader.events(trimHorizon()).pipe(take(300), toArray()));

    for (const proxy of proxies) proxy.discardAnswers();
    const appends = stores.map((store, index) =>
      Promise.all(span(1, 1000).map((n) => store.storeEvent(job(`${n}`, 1000 * index + n)))),
    );
    await seen;
    for (const proxy of proxies) proxy.cut();
    const [one, other] = await Promise.all(appends);

    const events = await readAll(reader);
    expect(seqNums(events)).toEqual(span(1, 1000));
    expect(new Set(events.map(({ id }) => id)).size).toBe(1000);
    expect(one).toStrictEqual(other);
    expect([...(one ?? [])].sort((a, b) => a.seqNum - b.seqNum)).toStrictEqual(events);
  }, 30_000);

  test('an append does not count as a duplicate if only its acknowledgement was lost', async () => {
    const proxy = await streams.proxy();
    const stream = streams.nextStream();
    const log = await openJetStreamLog({ stream, servers: proxy.url, connectionOptions: FAST_RECONNECT });
    onTestFinished(() => log.close());
    const reader = await streams.open({ stream });
    const seen = firstValueFrom(reader.events(trimHorizon()));
    const record = { operation: 'CREATE' as const, objectType: 'Job', id: 'a', payload: Buffer.from('{}') };

    proxy.discardAnswers();
    const bounds = firstValueFrom(log.bounds());
    const append = log.append([record], 1);
    await seen;
    proxy.cut();

    expect(await append).toEqual({ firstSeqNum: 1, timestamp: 1 });
    expect(await bounds).toEqual({ oldest: 1, latest: 0 });
    expect((await log.append([record], 2)).duplicates?.get(0)).toMatchObject({ seqNum: 1, timestamp: 1 });
  });
});
