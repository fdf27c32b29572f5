import { atSequenceNumber, jsonSerializer, type StoreOptions, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { createObjectCache } from '../../../src/store/serialization/object-cache.ts';
import { readAll } from '../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../src/testing/conformance/support/requests.ts';

/** Creates a store that counts the decoded objects. */
function countingStore(options: StoreOptions) {
  const { encode, decode } = jsonSerializer();
  const counted = vi.fn(decode);
  const store = createMemoryStore({ ...options, serializer: { encode, decode: counted } });
  return { store, decoded: () => counted.mock.calls.length };
}

describe('the object cache of a store', () => {
  test('the object cache decodes an object once for all its readers', async () => {
    const { store, decoded } = countingStore({});
    await store.storeEvents(span(1, 10).map(created));
    const before = decoded();

    const [first] = await readAll(store);
    const [second] = await readAll(store);

    expect(decoded()).toBe(before);
    expect(first?.object).toBe(second?.object);
    expect(first?.timestamp).not.toBe(second?.timestamp);
  });

  test('the object cache holds the cacheSize objects that were stored last', async () => {
    const { store, decoded } = countingStore({ cacheSize: 10 });
    await store.storeEvents(span(1, 500).map(created));
    const before = decoded();

    await readAll(store, trimHorizon());

    expect(decoded() - before).toBe(500 - 10);
  });

  test('a store with cacheSize 0 returns a separate object to each reader, which the reader can modify', async () => {
    const { store, decoded } = countingStore({ cacheSize: 0 });
    await store.storeEvent(created(1));

    const [first] = await readAll(store);
    (first?.object as { n: number }).n = 99;
    const [second] = await readAll(store);

    expect(second?.object).toEqual({ n: 1 });
    expect(decoded()).toBe(3);
  });

  test('the object cache returns objects that are frozen at every level', async () => {
    const { store } = countingStore({});
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { list: [{ deep: {} }] } });

    const object = (await readAll(store))[0]?.object as { list: [{ deep: object }] };

    expect([object, object.list, object.list[0], object.list[0].deep].every(Object.isFrozen)).toBe(true);
    expect(seqNums(await readAll(store))).toEqual([1]);
  });
});

describe('the object cache of a store with more events than cacheSize', () => {
  /** Creates a store with a log of 500 events and a cache of 20 objects, and readers of its pages. */
  async function longLog() {
    const { store, decoded } = countingStore({ cacheSize: 20 });
    await store.storeEvents(span(1, 500).map(created));
    /**
     * Reads the events from `first` to `last` as one page. Returns their objects, and the number of objects that were
     * decoded.
     */
    const read = async (first: number, last: number) => {
      const before = decoded();
      const request = { iterator: atSequenceNumber(first), limit: last + 1 - first };
      const { events } = await firstValueFrom(store.getEvents(request));
      expect(seqNums(events)).toEqual(span(first, last));
      return { objects: events.map(({ object }) => object), decoded: decoded() - before };
    };
    return { read };
  }

  test('the object cache keeps its objects when a single reader reads many other events', async () => {
    const { read } = await longLog();

    expect((await read(1, 400)).decoded).toBe(400);

    expect((await read(481, 500)).decoded).toBe(0);
  });

  test('a single reader of a long log gets objects that are not frozen, because the object cache is not used', async () => {
    const { read } = await longLog();

    const { objects } = await read(1, 400);

    expect(objects.some(Object.isFrozen)).toBe(false);
  });

  test('the object cache ensures that an event is decoded at most twice for readers at about the same position', async () => {
    const { read } = await longLog();

    expect((await read(1, 10)).decoded).toBe(10);
    const second = await read(1, 10);
    const third = await read(1, 10);

    expect([second.decoded, third.decoded]).toEqual([10, 0]);
    expect(third.objects.every((object, index) => object === second.objects[index])).toBe(true);
    expect(third.objects.every(Object.isFrozen)).toBe(true);
  });

  test('the object cache ensures that the next events are decoded once after a second reader was detected', async () => {
    const { read } = await longLog();
    await read(1, 10);
    await read(1, 10);

    const decodedBy = [];
    for (let first = 11; first < 300; first += 10) {
      for (const _reader of ['a', 'b', 'c']) decodedBy.push((await read(first, first + 9)).decoded);
    }

    expect(decodedBy).toEqual(span(1, 29).flatMap(() => [10, 0, 0]));
  });

  test('the object cache is not filled by a reader while that reader is more than cacheSize events ahead of the others', async () => {
    const { read } = await longLog();
    await read(1, 10);
    await read(1, 10);

    const { objects } = await read(11, 100);

    expect(objects.map(Object.isFrozen)).toEqual(span(11, 100).map((seqNum) => seqNum <= 10 + 20));
  });

  test('the object cache is not filled by a second reader that reads the events much later', async () => {
    const { read } = await longLog();
    await read(1, 100);

    const { objects } = await read(1, 50);

    expect(objects.some(Object.isFrozen)).toBe(false);
  });
});

describe('createObjectCache', () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;

  test.each<[string, () => unknown]>([
    ['a date', () => ({ at: new Date(5) })],
    ['bytes', () => ({ bytes: Buffer.from('x') })],
    ['a map', () => new Map()],
    ['an instance', () => ({ url: new URL('http://a/') })],
    ['a circular object', () => loop],
  ])('the object cache does not contain %s, because freezing does not make it immutable', (_name, decode) => {
    const cache = createObjectCache(10);
    const object = decode();

    expect(cache.put(1, object)).toBe(object);
    expect(cache.get(1)).toBeUndefined();
    expect(Object.isFrozen(object)).toBe(false);
  });

  test('the object cache contains a plain object that nests more deeply than the call stack permits', () => {
    const cache = createObjectCache(10, true);
    const object = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);

    expect(cache.put(1, object)).toBe(object);
    expect(cache.get(1)).toBe(object);
    expect(Object.isFrozen(object[0][0])).toBe(true);
  });

  test('the object cache returns a primitive value without caching it', () => {
    const cache = createObjectCache(10);

    for (const value of [0, '', null, false, 'text']) {
      expect(cache.put(1, value)).toBe(value);
      expect(cache.get(1)).toBeUndefined();
    }
  });
});
