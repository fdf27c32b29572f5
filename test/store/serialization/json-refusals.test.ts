import { runInNewContext } from 'node:vm';
import * as E from 'fp-ts/lib/Either.js';
import { jsonSerializer, SerializationError } from 'rx-watcher';
import { describe, expect, test } from 'vitest';

const json = jsonSerializer();

/** Returns the faults of a value as `path: message`. */
const faultsOf = (value: unknown): readonly string[] => {
  const encoded = json.encode(value, 'Any');
  if (E.isRight(encoded)) throw new Error(`must be a Left; received ${Buffer.from(encoded.right)}`);
  expect(encoded.left).toBeInstanceOf(SerializationError);
  return encoded.left.faults.map(({ path, message }) => `${path}: ${message}`);
};

const circular: { name: string; self?: unknown; list?: unknown[] } = { name: 'loop' };
circular.self = circular;
circular.list = [1, circular];

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const withHole = [1, 2, 3];
delete withHole[1];

const unsupported: readonly [string, unknown, readonly RegExp[]][] = [
  ['undefined', undefined, [/^object: .*undefined/]],
  ['a function', () => 1, [/^object: .*function/]],
  ['a symbol', Symbol('s'), [/^object: .*symbol/]],
  ['a bigint', 5n, [/^object: .*bigint/]],
  ['NaN', Number.NaN, [/^object: .*NaN/]],
  ['an infinity', Number.NEGATIVE_INFINITY, [/^object: .*-Infinity/]],
  ['a Map', new Map([['a', 1]]), [/^object: .*Map/]],
  ['a Set', new Set(), [/^object: .*Set/]],
  ['a Promise', { note: Promise.resolve(1) }, [/^object.note: .*Promise/]],
  ['an Error', { cause: new TypeError('no') }, [/^object.cause: .*TypeError/]],
  ['a RegExp', { pattern: /x/ }, [/^object.pattern: .*RegExp/]],
  ['Headers', { headers: new Headers() }, [/^object.headers: .*Headers/]],
  ['a typed array', { bytes: Uint8Array.of(1) }, [/^object.bytes: .*Uint8Array/]],
  ['an iterator', { items: [1].values() }, [/^object.items: .*Iterator/]],
  ['a boxed number', { n: Object(5) }, [/^object.n: .*Number/]],
  ['an instance of a class', new (class Job {})(), [/^object: .*Job/]],
  ['a Map of another realm', { map: runInNewContext('new Map([[1, 2]])') }, [/^object.map: .*Map/]],
  ['an invalid date of another realm', { at: runInNewContext('new Date(NaN)') }, [/^object.at: .*NaN/]],
  ['a proxy that was revoked', { gone: revoked() }, [/^object: .*revoked/]],
  ['an invalid date', { at: new Date(Number.NaN) }, [/^object.at: /]],
  ['a hole in a list', { list: withHole }, [/^object.list.1: .*undefined/]],
  ['a key that is a symbol', { inner: { [Symbol('s')]: 1 } }, [/^object.inner: .*symbol/]],
  ['a toJSON that returns nothing', { a: { toJSON: () => undefined } }, [/^object.a: .*undefined/]],
  [
    'a toJSON that throws',
    {
      toJSON: () => {
        throw new Error('no');
      },
    },
    [/^object: no/],
  ],
  ['an object that contains itself', circular, [/^object.self: /, /^object.list.1: /]],
  [
    'several faults',
    { a: [undefined], b: [Number.NaN, { c: 1n }], d: { 'e.f': () => 1 }, ok: 1 },
    [/^object.a.0: /, /^object.b.0: /, /^object.b.1.c: /, /^object.d.e.f: /],
  ],
];

test('jsonSerializer reports one fault for an object that nests too deeply', () => {
  const deep: { in?: unknown } = {};
  let inner = deep;
  for (let level = 0; level < 50_000; level++) {
    const next = {};
    inner.in = next;
    inner = next;
  }

  expect(faultsOf(deep)).toHaveLength(1);
});

describe('jsonSerializer', () => {
  test.each(unsupported)('jsonSerializer reports the path of %s in an object', (_name, value, expected) => {
    const faults = faultsOf(value);

    expect(faults).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(faults[index]).toMatch(pattern);
  });

  test('jsonSerializer reports the paths of the first 100 faults of a long sparse array', () => {
    expect(faultsOf(new Array(1_000_000))).toHaveLength(100);
  });
});

/** Returns the stored text of a value. */
const stored = (value: unknown): string => {
  const encoded = json.encode(value, 'Any');
  if (E.isLeft(encoded)) throw encoded.left;
  return Buffer.from(encoded.right).toString();
};

describe('jsonSerializer', () => {
  class Money {
    toJSON() {
      return '5 €';
    }
  }

  test.each<[string, unknown, string]>([
    ['an object without its undefined properties', { note: undefined, ok: [1] }, '{"ok":[1]}'],
    ['a plain object of another realm', runInNewContext('({ a: [1, { b: null }] })'), '{"a":[1,{"b":null}]}'],
    ['a date of another realm', runInNewContext('new Date(0)'), '"1970-01-01T00:00:00.000Z"'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['the result of toJSON', { price: new Money() }, '{"price":"5 €"}'],
    ['a property toJSON that is not a function', { toJSON: 'yes' }, '{"toJSON":"yes"}'],
    ['a key __proto__', JSON.parse('{"__proto__":{"a":1},"n":-0}'), '{"__proto__":{"a":1},"n":0}'],
  ])('jsonSerializer stores %s', (_name, value, text) => {
    expect(stored(value)).toBe(text);
  });

  test('jsonSerializer stores the value of a getter that it has checked, even if the getter returns another value at each read', () => {
    let reads = 0;
    const object = {
      note: undefined,
      get n() {
        return ++reads;
      },
    };

    // `cloneJson` reads the value 1 and returns UNSURE. Then `checkedCopy` reads the value 2, which is checked and stored.
    expect(stored(object)).toBe('{"n":2}');
    expect(reads).toBe(2);
  });
});

test('jsonSerializer encodes 184 KB of deeply nested arrays in linear time', () => {
  const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  const object = Array.from({ length: 46 }, () => nested(2000));
  const before = process.cpuUsage();

  const encoded = json.encode(object, 'Any');

  // The encoding takes hundredths of a second. It would take many seconds if each level copied its list of ancestors.
  expect(process.cpuUsage(before).user).toBeLessThan(1_500_000);
  expect(E.isRight(encoded)).toBe(true);
});
