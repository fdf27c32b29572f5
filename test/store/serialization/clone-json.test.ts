import fc from 'fast-check';
import { jsonSerializer } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { describe, expect, test } from 'vitest';
import { cloneJson, UNSURE } from '../../../src/store/serialization/clone-json.ts';

const anything = fc.anything({
  withDate: true,
  withNullPrototype: true,
  withSparseArray: true,
  withMap: true,
});

describe('cloneJson', () => {
  test('cloneJson returns UNSURE, or the same value as JSON.parse(JSON.stringify(value))', () => {
    let clones = 0;
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anything), (value) => {
        const copy = cloneJson(value);
        if (copy === UNSURE) return;
        clones++;
        expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      }),
      { numRuns: 2000 },
    );
    expect(clones).toBeGreaterThan(500);
  });

  test.each([
    ['string', { a: 1, b: 'x'.repeat(100) }],
    ['key', { a: 1, ['x'.repeat(100)]: 1 }],
    ['item', ['x', 'x'.repeat(100)]],
  ])(
    'cloneJson returns UNSURE if an object exceeds the size limit because of its last %s',
    (_name, object) => {
      expect(cloneJson(object, 100)).toBe(UNSURE);
      expect(cloneJson(object, 120)).toEqual(object);
    },
  );

  test('cloneJson returns UNSURE for unusual values, such as class instances and sparse arrays', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    class Named {
      name = 'n';
    }
    for (const rare of [
      loop,
      new Named(),
      new Number(1),
      { toJSON: () => 1 },
      JSON.parse('{"__proto__":1}'),
      new Date(Number.NaN),
      Object.assign(new Date(0), { toISOString: () => 'mine' }),
      { [Symbol('s')]: 1 },
      [undefined],
      Array(2),
    ]) {
      expect(cloneJson(rare)).toBe(UNSURE);
    }
  });

  test('cloneJson reads each property once, so that the returned object equals the stored object', async () => {
    const store = createMemoryStore({ cacheSize: 0 });
    let reads = 0;
    const object = {
      get n() {
        return ++reads;
      },
    };

    const event = await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object });

    expect(reads).toBe(1);
    expect(event.object).toEqual({ n: 1 });
  });

  test('storeEvent returns the decoded object if a copy of jsonSerializer has another encode function', async () => {
    const { encode } = jsonSerializer();
    const serializer = { ...jsonSerializer(), encode: () => encode('mine', 'Job') };
    const store = createMemoryStore({ serializer });

    const event = await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: 'yours' });

    expect(event.object).toBe('mine');
  });
});
