import {
  CopyConflictError,
  copyLog,
  type Event,
  type EventStore,
  PartialBatchError,
  trimHorizon,
} from 'rx-watcher';
import type { JetStreamEventStore } from 'rx-watcher/jetstream';
import { firstValueFrom, lastValueFrom, retry, take, toArray } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { hasServerVersion, natsServer } from '../../../support/jetstream/nats-server.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';
import { startProcess } from '../../../support/program.ts';

const streams = eachStream();
const openStream = (stream: string) => streams.open({ stream, gcAgeThreshold: 0 });

const openFile = (path = testFile(), options = {}) => testStore({ path, gcAgeThreshold: 0, ...options });

/** Opens a log with a checkpoint and `count` events in a file, and trims the first events. */
async function trimmedFile(count: number, trimmed: number) {
  const scheduler = new VirtualClock();
  const store = openFile(testFile(), { scheduler, gcAgeThreshold: 1 });
  await store.storeEvents(span(1, count).map(created));
  await store.storeCheckpoint('w', trimmed);
  scheduler.advanceBy(10);
  expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: trimmed + 1 });
  return store;
}
const checkpoints = (store: EventStore) => firstValueFrom(store.checkpoints());
const importEvents = (store: JetStreamEventStore, events: readonly Event[], after: number) =>
  (store as Required<EventStore>).importEvents(after, events);

/** Opens a stream twice, once through a proxy, and creates 500 events to import from the log of a file. */
async function openBehindProxy(stream: string) {
  const proxy = await streams.proxy();
  const target = await streams.open({ stream, servers: proxy.url, gcAgeThreshold: 0 });
  const events = await openFile().storeEvents(span(1, 500).map(created));
  return { proxy, target, other: await openStream(stream), events };
}

test('copyLog copies a log from a file into a stream and back, with its numbers, timestamps and checkpoints', async () => {
  const source = await trimmedFile(2500, 500);
  const stream = await streams.open({ gcAgeThreshold: 0 });
  const back = openFile();

  await lastValueFrom(copyLog(source, stream));
  await lastValueFrom(copyLog(stream, back));

  const events = await readAll(source);
  expect(seqNums(events)).toEqual(span(501, 2500));
  expect(await readAll(stream)).toEqual(events);
  expect(await readAll(back)).toEqual(events);
  expect([await checkpoints(stream), await checkpoints(back)]).toEqual([
    new Map([['w', 500]]),
    new Map([['w', 500]]),
  ]);
  expect((await stream.storeEvent(created(1))).seqNum).toBe(2501);
});

test('copyLog continues an interrupted copy at the end of the stream, even if the server was killed', async () => {
  const server = await natsServer();
  onTestFinished(server.remove);
  await server.start();
  const source = await trimmedFile(300, 100);
  const target = await streams.open({ servers: server.url, gcAgeThreshold: 0 });
  const copy = copyLog(source, target, { batchSize: 10 });

  const started = await lastValueFrom(copy.pipe(take(4), toArray()));
  await server.kill('SIGKILL');
  await server.start();
  const ended = await lastValueFrom(copy);

  expect(started.map(({ copied, total }) => [copied, total])).toEqual([
    [0, 200],
    [10, 200],
    [20, 200],
    [30, 200],
  ]);
  expect(ended.seqNum).toBe(300);
  expect(await readAll(target)).toEqual(await readAll(source));
});

test('copyLog completes a copy after the process that started the copy was killed', async () => {
  const path = testFile();
  const source = openFile(path);
  await source.storeEvents(span(1, 2000).map(created));
  const stream = streams.nextStream();

  const killed = startProcess(
    new URL('../copy-to-stream.mjs', import.meta.url),
    path,
    streams.server.url,
    stream,
  );
  await killed.readLines(20);
  await killed.kill();
  const target = await openStream(stream);
  // The server can store messages of the killed process after the copy has read the end of the stream. In that case the copy
  // fails once, so it is retried.
  const ended = await lastValueFrom(copyLog(source, target).pipe(retry(3)));

  expect(ended.total).toBeLessThanOrEqual(1810);
  expect(await readAll(target)).toEqual(await readAll(source));
});

test('two concurrent copies into one stream store each event once', async () => {
  const source = openFile();
  await source.storeEvents(span(1, 200).map(created));
  const stream = streams.nextStream();
  const [one, other] = [await openStream(stream), await openStream(stream)];

  const both = await Promise.allSettled(
    [one, other].map((target) => lastValueFrom(copyLog(source, target, { batchSize: 10 }))),
  );

  const failures = both.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  for (const failure of failures) {
    expect([CopyConflictError, PartialBatchError]).toContain(failure.constructor);
  }
  await lastValueFrom(copyLog(source, one));
  expect(await readAll(one)).toEqual(await readAll(source));
});

test('an import that is not atomic ends at an event of another store, and rejects with the numbers of the imported events', async () => {
  const { proxy, target, other, events } = await openBehindProxy(await streams.streamWithoutBatches());

  const isHeld = proxy.holdRequests('-9'); // part of the ids of the 9th and many other events, but not of the first
  const importing = Promise.allSettled([importEvents(target, events, 0)]);
  await isHeld;
  const { seqNum } = await other.storeEvent(created(0));
  proxy.releaseRequests();
  const [end] = await importing;

  expect(end.status).toBe('rejected');
  const failure = (end as PromiseRejectedResult).reason;
  expect(failure).toBeInstanceOf(PartialBatchError);
  expect(failure.stored).toEqual(span(1, seqNum - 1));
  expect(seqNums(await readAll(target))).toEqual(span(1, seqNum));
  expect(await importEvents(target, events.slice(seqNum - 1), seqNum - 1)).toBe(false);
});

if (hasServerVersion(2, 12)) {
  test('an atomic import stores nothing if another store has appended in the meantime', async () => {
    const { proxy, target, other, events } = await openBehindProxy(streams.nextStream());

    const isHeld = proxy.holdRequests('Nats-Batch-Id');
    const importing = importEvents(target, events, 0);
    await isHeld;
    await other.storeEvent(created(0));
    proxy.releaseRequests();

    expect(await importing).toBe(false);
    expect(seqNums(await readAll(target))).toEqual([1]);
  });

  test('an atomic import rejects with the numbers of the imported events if the stream has no room for the second batch', async () => {
    const stream = streams.nextStream();
    const target = await openStream(stream);
    const { manager } = await rawStream(streams.server.url);
    await manager.streams.update(stream, { discard: 'new', max_msgs: 1200 } as never);
    const source = openFile();
    const events = await source.storeEvents(span(1, 1500).map(created));

    const failure = await failureOf(importEvents(target, events, 0));

    expect(failure).toBeInstanceOf(PartialBatchError);
    expect(failure).toMatchObject({ stored: span(1, 1000) });
    expect(seqNums(await readAll(target))).toEqual(span(1, 1000));
  });

  test('an atomic import is stored once if its acknowledgement is lost', async () => {
    const { proxy, target, other, events } = await openBehindProxy(streams.nextStream());
    const seen = lastValueFrom(other.events(trimHorizon()).pipe(take(500)));

    const isHeld = proxy.holdRequests('Nats-Batch-Id');
    const importing = importEvents(target, events, 0);
    await isHeld;
    proxy.discardAnswers();
    proxy.releaseRequests();
    await seen;
    proxy.cut();

    expect(await importing).toBe(true);
    expect(await readAll(other)).toEqual(events);
  });
}
