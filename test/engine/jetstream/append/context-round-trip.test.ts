import fc from 'fast-check';
import {
  copyLog,
  type Event,
  type EventHeader,
  SerializationError,
  type StoreEventRequest,
  trimHorizon,
  watch,
} from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { request } from 'rx-watcher/testing';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { natsServer } from '../../../support/jetstream/nats-server.ts';

const streams = eachStream();

const special = fc.string({
  unit: fc.constantFrom('\0', '\r', '\n', ' ', '\t', '=', '&', '%', '+', '.', '\u00a0', '\ufeff', '監', '😀'),
  minLength: 1,
  maxLength: 12,
});
const text = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), special);
const context = fc.record(
  { key: text, id: text, metadata: fc.dictionary(text, fc.oneof(text, fc.constant(''))) },
  { requiredKeys: [] },
);

const contextOf = ({ key, id, metadata }: Partial<Event>) => ({
  key,
  id,
  metadata: metadata && { ...metadata },
});
const withoutObject = ({ object: _object, ...header }: Event): EventHeader => header;

test('a stream keeps every key, id and metadata', async () => {
  const stream = streams.nextStream();
  const [one, other] = [await streams.open({ stream }), await streams.open({ stream })];
  const contexts = fc.sample(
    fc.uniqueArray(context, { selector: ({ id }) => id ?? {}, minLength: 300, maxLength: 300 }),
    1,
  );
  const requests = contexts.flat().map((fields) => request(fields));

  const stored = await one.storeEvents(requests);

  expect(stored.map(contextOf)).toEqual(requests.map(contextOf));
  expect(await readAll(other)).toStrictEqual(stored);
  const headers = lastValueFrom(other.headers(trimHorizon(), { live: false }).pipe(toArray()));
  expect(await headers).toStrictEqual(stored.map(withoutObject));
});

test('a server with the default max_payload stores the largest event with the largest metadata', async () => {
  const server = await natsServer({ config: 'max_payload: 1MB' });
  onTestFinished(server.remove);
  await server.start();
  const store = await streams.open({ servers: server.url });
  const value = '\n\0'.repeat(4 * 1024 - 1);
  const metadata = { a: value, b: value, c: value, d: value };
  const largest = 1024 * 1024 - 64 * 1024;

  const stored = await store.storeEvent(request({ metadata, object: 'x'.repeat(largest - 2) }));

  expect(stored.metadata).toEqual(metadata);
  expect((await readAll(store))[0]).toStrictEqual(stored);
  const tooLarge = await failureOf(store.storeEvent(request({ object: 'x'.repeat(largest - 1) })));
  expect(tooLarge).toBeInstanceOf(SerializationError);
});

test.each<[string, object, (n: number) => boolean]>([
  ['keys', { keys: ['k1', 'k3'] }, (n) => n % 5 === 1 || n % 5 === 3],
  ['a partition', { partition: { index: 0, count: 1 } }, () => true],
])('a live reader with a filter on %s emits each matching event', async (_what, filter, isMatching) => {
  const stream = streams.nextStream();
  const [writer, reader] = [await streams.open({ stream }), await streams.open({ stream })];
  const requests = span(1, 40).map((n) => request({ key: `k${n % 5}`, object: n }));
  const expected = span(1, 40).filter(isMatching);

  const events = lastValueFrom(
    reader.events(trimHorizon(), { filter, batchSize: 3 }).pipe(take(expected.length), toArray()),
  );
  await writer.storeEvents(requests.slice(0, 20));
  await writer.storeEvents(requests.slice(20));

  expect(seqNums(await events)).toEqual(expected);
});

test('readers that read the same page at the same time get the events of their own keys and partitions', async () => {
  const store = await streams.open();
  await store.storeEvents(span(1, 30).map((n) => request({ key: `k${n % 10}` })));
  const read = (filter: object) => readAll(store, trimHorizon(), { filter });

  const [one, two, first, second] = await Promise.all([
    read({ keys: ['k1'] }),
    read({ keys: ['k2'] }),
    read({ partition: { index: 0, count: 2 } }),
    read({ partition: { index: 1, count: 2 } }),
  ]);

  expect([one?.length, two?.length]).toEqual([3, 3]);
  expect(seqNums(one ?? [])).not.toEqual(seqNums(two ?? []));
  expect([first?.length, second?.length]).not.toContain(0);
  expect([...seqNums(first ?? []), ...seqNums(second ?? [])].sort((a, b) => a - b)).toEqual(span(1, 30));
});

test('a dead letter keeps the key, id and metadata of its event', async () => {
  const store = await streams.open();
  const fields: Partial<StoreEventRequest> = { key: 'a\nb', id: ' e1 ', metadata: { 'user name': 'ada\n' } };
  const event = await store.storeEvent(request(fields));
  const handler = () => {
    throw new Error('broken');
  };

  await note(watch(store, 'w', { handler, retryStrategy: 'deadLetter', maxRetries: 0 })).has(1);

  const deadLetter = await firstValueFrom(store.deadLetters('w'));
  expect(deadLetter?.event).toStrictEqual(event);
});

test('a copy keeps the key, id and metadata of each event', async () => {
  const source = await streams.open();
  const target = await streams.open();
  const memory = createMemoryStore();
  const fields = { key: 'a b', id: ' e1 ', metadata: { 'user name': 'ada\n' } };
  await source.storeEvents([request(fields), request(), request({ key: 'k' })]);

  await lastValueFrom(copyLog(source, memory));
  await lastValueFrom(copyLog(memory, target));

  expect(await readAll(target)).toStrictEqual(await readAll(source));
});
