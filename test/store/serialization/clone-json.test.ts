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

describe('what is given back instead of a decoded object', () => {
  test('is what JSON makes of it, or nothing is said', () => {
    const sure = { count: 0 };
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anything), (value) => {
        const copy = cloneJson(value);
        if (copy === UNSURE) return;
        sure.count++;
        expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      }),
      { numRuns: 2000 },
    );
    expect(sure.count).toBeGreaterThan(500);
  });

  test.each([
    ['string', { a: 1, b: 'x'.repeat(100) }],
    ['key', { a: 1, ['x'.repeat(100)]: 1 }],
    ['item', ['x', 'x'.repeat(100)]],
  ])('of an object whose last %s exceeds the limit is refused before it is encoded', (_, object) => {
    expect(cloneJson(object, 100)).toBe(UNSURE);
    expect(cloneJson(object, 120)).toEqual(object);
  });

  test('of an object out of the ordinary is left to JSON', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    class Named {
      name = 'n';
    }
    for (const odd of [
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
      expect(cloneJson(odd)).toBe(UNSURE);
    }
  });

  test('looks at each property once, so that it cannot differ from what is stored', async () => {
    const store = createMemoryStore({ cacheSize: 0 });
    let asked = 0;
    const object = {
      get n() {
        return ++asked;
      },
    };

    const event = await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object });

    expect(asked).toBe(1);
    expect(event.object).toEqual({ n: 1 });
  });

  test('is not taken from a serializer that somebody made of it', async () => {
    const { encode } = jsonSerializer();
    const serializer = { ...jsonSerializer(), encode: () => encode('mine', 'Job') };
    const store = createMemoryStore({ serializer });

    const event = await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: 'yours' });

    expect(event.object).toBe('mine');
  });
});
