import * as E from 'fp-ts/lib/Either.js';
import { jsonSerializer, SerializationError } from 'rx-watcher';
import { describe, expect, test } from 'vitest';

const json = jsonSerializer();

/** What is wrong, as `path: message`. */
const faultsOf = (value: unknown): readonly string[] => {
  const encoded = json.encode(value, 'Any');
  if (E.isRight(encoded)) throw new Error(`expected a refusal, got ${Buffer.from(encoded.right)}`);
  expect(encoded.left).toBeInstanceOf(SerializationError);
  return encoded.left.faults.map(({ path, message }) => `${path}: ${message}`);
};

const circular: { name: string; self?: unknown; list?: unknown[] } = { name: 'loop' };
circular.self = circular;
circular.list = [1, circular];

const withHole = [1, 2, 3];
delete withHole[1];

const refused: readonly [string, unknown, readonly RegExp[]][] = [
  ['undefined', undefined, [/^object: .*undefined/]],
  ['a function', () => 1, [/^object: .*function/]],
  ['a symbol', Symbol('s'), [/^object: .*symbol/]],
  ['a bigint', 5n, [/^object: .*bigint/]],
  ['NaN', Number.NaN, [/^object: .*NaN/]],
  ['an infinity', Number.NEGATIVE_INFINITY, [/^object: .*-Infinity/]],
  ['a Map', new Map([['a', 1]]), [/^object: .*Map/]],
  ['a Set', new Set(), [/^object: .*Set/]],
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
    'everything at once',
    { a: undefined, b: [Number.NaN, { c: 1n }], d: { 'e.f': () => 1 }, ok: 1 },
    [/^object.a: /, /^object.b.0: /, /^object.b.1.c: /, /^object.d.e.f: /],
  ],
];

describe('what JSON would drop or change is refused, by its path:', () => {
  test.each(refused)('%s', (_what, value, expected) => {
    const faults = faultsOf(value);

    expect(faults).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(faults[index]).toMatch(pattern);
  });

  test('what is too deep to be looked at', () => {
    const deep: { in?: unknown } = {};
    let inner = deep;
    for (let level = 0; level < 50_000; level++) {
      const next = {};
      inner.in = next;
      inner = next;
    }

    expect(faultsOf(deep)).toHaveLength(1);
  });
});
