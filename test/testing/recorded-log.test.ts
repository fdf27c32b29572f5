import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { atSequenceNumber, type EventStore, messagePackSerializer, SerializationError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { dumpEvents, loadEvents, request } from 'rx-watcher/testing';
import { lastValueFrom, map, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { note } from '../../src/testing/conformance/support/note.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../src/testing/conformance/support/requests.ts';
import { onEachEngine } from '../support/each-engine.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const dumped = (store: EventStore): Promise<readonly string[]> =>
  lastValueFrom(dumpEvents(store).pipe(toArray()));
const load = (store: EventStore, lines: Iterable<string>) =>
  lastValueFrom(loadEvents(store, lines).pipe(toArray()));

/** Removes the timestamps, which each store assigns. */
const withoutTimes = (events: readonly object[]) =>
  events.map((event) => ({ ...event, timestamp: undefined }));

const requests = [
  request({ objectType: 'Job', object: { id: 'j1', tags: ['ä', '監', '😀'], none: null, half: 0.5 } }),
  request({ operation: 'UPDATE', object: 'two\nlines\r, \u2028, \u2029, \ud800 and a \ufeff' }),
  request({ operation: 'DELETE', objectType: ' Job ', object: null }),
  request({ key: 'ä\u2028\0', id: 'e 4', metadata: { user: 'ada\u2029\n', empty: '' } }),
  request({ key: 'k', metadata: {} }),
];

describe('a recorded log', () => {
  onEachEngine((open) => {
    it('a recorded log contains the same lines after it was loaded into an empty store and recorded again', async () => {
      const original = createMemoryStore();
      await original.storeEvents(requests);
      const store = await open();

      const loaded = await load(store, await dumped(original));

      expect(await readAll(store)).toStrictEqual(loaded);
      expect(withoutTimes(loaded)).toEqual(withoutTimes(await readAll(original)));
      expect(await dumped(store)).toHaveLength(requests.length);
    });

    it('a recorded log contains the same lines after it was written to a file with 10,000 lines and loaded', async () => {
      const [store, original, directory] = [await open(), createMemoryStore(), await temporaryDirectory()];
      onTestFinished(() => directory.remove());
      await original.storeEvents([...requests, ...span(requests.length + 1, 10_000).map(created)]);
      const path = directory.file('log.ndjson');
      const file = createWriteStream(path);
      await lastValueFrom(dumpEvents(original).pipe(map((line) => file.write(`${line}\n`))));
      await finished(file.end());

      const loaded = await lastValueFrom(
        loadEvents(store, createInterface({ input: createReadStream(path) })).pipe(toArray()),
      );

      expect(withoutTimes(loaded)).toEqual(withoutTimes(await readAll(original)));
    });
  });

  it('a recorded log has one line for each event, with its number and timestamp', async () => {
    const store = createMemoryStore({ scheduler: { now: () => 0, schedule: () => expect.unreachable() } });
    const context = { key: 'k', id: 'i', metadata: { a: 'b' } };
    await store.storeEvents([
      request(),
      request({ operation: 'DELETE', object: [1, { a: '"' }] }),
      request(context),
    ]);

    const time = '1970-01-01T00:00:00.000Z';
    expect((await dumped(store)).map((line) => JSON.parse(line))).toEqual([
      { seqNum: 1, operation: 'CREATE', objectType: 'Thing', timestamp: time, object: {} },
      { seqNum: 2, operation: 'DELETE', objectType: 'Thing', timestamp: time, object: [1, { a: '"' }] },
      { seqNum: 3, operation: 'CREATE', objectType: 'Thing', timestamp: time, object: {}, ...context },
    ]);
  });

  it('a recorded log contains no characters that some programs treat as the end of a line', async () => {
    const store = createMemoryStore();
    await store.storeEvents(requests);

    for (const line of await dumped(store)) expect(line).not.toMatch(/[\n\r\u2028\u2029]/);
  });

  it('loadEvents appends a recorded log to a store that has events, under the next numbers', async () => {
    const store = createMemoryStore();
    await store.storeEvents([created(1), created(2)]);

    await load(store, await dumped(store));

    expect((await readAll(store, atSequenceNumber(3))).map(({ seqNum, object }) => [seqNum, object])).toEqual(
      [
        [3, { n: 1 }],
        [4, { n: 2 }],
      ],
    );
  });

  it('loadEvents does not store an event of a recorded log again if the store has an event with the same id', async () => {
    const store = createMemoryStore();
    await store.storeEvents([request({ id: 'a' }), request({ id: 'b' })]);
    const lines = await dumped(store);

    const loaded = await load(store, [
      ...lines,
      '{"operation":"CREATE","objectType":"Job","object":1,"id":"c"}',
    ]);

    expect(loaded.map(({ seqNum }) => seqNum)).toEqual([1, 2, 3]);
    expect(await readAll(store)).toHaveLength(3);
  });

  it('dumpEvents of an empty store emits no lines, and loadEvents of blank lines stores no events', async () => {
    const store = createMemoryStore();

    expect(await dumped(store)).toEqual([]);
    expect(await load(store, [])).toEqual([]);
    expect(await load(store, ['', '  ', '\ufeff', '\r'])).toEqual([]);
  });

  it('dumpEvents errors with a SerializationError at an object that JSON cannot represent', async () => {
    const store = createMemoryStore({ serializer: messagePackSerializer() });
    await store.storeEvents([request(), request({ object: { half: Number.NaN } }), request()]);

    const notes = note(dumpEvents(store));

    expect(notes.values).toHaveLength(1);
    expect(notes.error).toBeInstanceOf(SerializationError);
    expect(notes.error).toMatchObject({ faults: [{ path: 'line 2: object.half' }] });
  });

  it('dumpEvents reads and loadEvents stores the events at each subscription, and not before', async () => {
    const store = createMemoryStore();
    const loading = loadEvents(store, ['{"operation":"CREATE","objectType":"Job","object":1}']);
    const dumping = dumpEvents(store);
    expect(await readAll(store)).toEqual([]);

    await lastValueFrom(loading);
    await lastValueFrom(loading);

    expect(await lastValueFrom(dumping.pipe(toArray()))).toHaveLength(2);
  });
});
