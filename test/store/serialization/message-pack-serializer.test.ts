import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, messagePackSerializer, SerializationError } from 'rx-watcher';
import { describe, expect, test } from 'vitest';

const pack = messagePackSerializer();

const roundTrip = (value: unknown): unknown => {
  const encoded = pack.encode(value, 'Any');
  if (E.isLeft(encoded)) throw encoded.left;
  const decoded = pack.decode(encoded.right, 'Any');
  if (E.isLeft(decoded)) throw decoded.left;
  return decoded.right;
};

const pathsOf = (value: unknown): readonly string[] => {
  const encoded = pack.encode(value, 'Any');
  if (E.isRight(encoded)) throw new Error('expected a refusal');
  expect(encoded.left).toBeInstanceOf(SerializationError);
  return encoded.left.faults.map(({ path }) => path);
};

const anyText = fc.string({ unit: 'binary' });
/** Any but the one that is refused. */
const anyKey = anyText.filter((key) => key !== '__proto__');
const { any } = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ),
    fc.maxSafeInteger(),
    fc.double().map((number) => number + 0), // it has one zero, as JSON has
    anyText,
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.array(tie('any')),
    fc.dictionary(anyKey, tie('any'), { noNullPrototype: true }),
  ),
}));

/** Bytes come back as a Buffer, which is a Uint8Array. */
const asBytes = (_key: unknown, value: unknown): unknown =>
  value instanceof Uint8Array ? Uint8Array.from(value) : value;

const normal = (value: unknown): unknown => {
  const bytes = asBytes('', value);
  if (typeof bytes !== 'object' || bytes === null || bytes instanceof Uint8Array || bytes instanceof Date)
    return bytes;
  return Array.isArray(bytes)
    ? bytes.map(normal)
    : Object.fromEntries(Object.entries(bytes).map(([key, inner]) => [key, normal(inner)]));
};

describe('in MessagePack', () => {
  test('whatever is stored comes back as it was', () => {
    fc.assert(
      fc.property(any, (value) => {
        expect(normal(roundTrip(value))).toStrictEqual(normal(value));
      }),
      { numRuns: 200 },
    );
  });

  test('what JSON cannot hold comes back: dates, bytes, NaN, the infinities', () => {
    const value = {
      at: new Date(1.7e12),
      bytes: Uint8Array.of(1, 2),
      numbers: [Number.NaN, Number.NEGATIVE_INFINITY],
    };

    expect(normal(roundTrip(value))).toStrictEqual(value);
  });

  test('what comes from another realm is as what comes from this one', () => {
    const value = runInNewContext(
      '({ at: new Date(5), bytes: Uint8Array.of(1, 2), list: [{ a: undefined }] })',
    );

    expect(normal(roundTrip(value))).toStrictEqual({
      at: new Date(5),
      bytes: Uint8Array.of(1, 2),
      list: [{}],
    });
  });

  test('an object may have any number of keys', () => {
    const value = Object.fromEntries(Array.from({ length: 70_000 }, (_, n) => [`key ${n}`, n]));

    expect(roundTrip(value)).toEqual(value);
  });

  test('any key comes back or is refused, even one that objects have a meaning for', () => {
    for (const key of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      const value = JSON.parse(`{"${key}": {"a": 1}}`);
      const encoded = pack.encode(value, 'Any');

      if (E.isLeft(encoded)) expect(encoded.left).toBeInstanceOf(SerializationError);
      else expect(Object.entries(roundTrip(value) as object)).toEqual(Object.entries(value));
    }
  });

  test('bytes that come back are of their own: they outlive what they were read from', () => {
    const encoded = pack.encode(Uint8Array.of(1, 2, 3), 'Any');
    if (E.isLeft(encoded)) throw encoded.left;
    const buffer = Buffer.from(encoded.right);
    const decoded = pack.decode(buffer, 'Any');
    buffer.fill(9);

    expect(E.isRight(decoded) && Uint8Array.from(decoded.right as Uint8Array)).toEqual(
      Uint8Array.of(1, 2, 3),
    );
  });

  test('each object stands alone: what was encoded before does not matter', () => {
    const first = pack.encode({ id: 'j1', state: 'new' }, 'Job');
    const again = messagePackSerializer().encode({ id: 'j1', state: 'new' }, 'Job');

    expect(E.isRight(first) && Buffer.from(first.right)).toEqual(
      E.isRight(again) && Buffer.from(again.right),
    );
    expect(E.isRight(first) && messagePackSerializer().decode(first.right, 'Job')).toEqual(
      E.right({ id: 'j1', state: 'new' }),
    );
  });

  class Money {
    cents = 5;
  }
  const loop: { self?: unknown } = {};
  loop.self = loop;

  test.each<[string, unknown, readonly string[]]>([
    ['undefined', { a: [undefined], b: undefined }, ['object.a.0']],
    ['a Map of another realm', { map: runInNewContext('new Map()') }, ['object.map']],
    ['functions and symbols', { f: () => 1, s: Symbol('s') }, ['object.f', 'object.s']],
    ['bigints', { big: 1n }, ['object.big']],
    [
      'instances of classes',
      { price: new Money(), map: new Map(), set: new Set() },
      ['object.price', 'object.map', 'object.set'],
    ],
    ['arrays of numbers that are no bytes', { floats: Float64Array.of(1) }, ['object.floats']],
    ['invalid dates', { at: new Date(Number.NaN) }, ['object.at']],
    ['keys that are symbols', { [Symbol('s')]: 1 }, ['object']],
    ['what contains itself', loop, ['object.self']],
    ['text that is no Unicode', { text: 'lone \ud800', 'key \udfff': 1 }, ['object.text', 'object']],
  ])('%s are refused, by their path', (_what, value, paths) => {
    expect(pathsOf(value)).toEqual(paths);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['cut short', Buffer.from([0x93, 1, 2])],
    ['of more than one value', Buffer.from([1, 2])],
  ])('bytes that are %s are not read', (_what, bytes) => {
    const decoded = pack.decode(bytes, 'Any');

    expect(E.isLeft(decoded) && decoded.left).toBeInstanceOf(DeserializationError);
  });

  test.each([
    ['a second value', [0xaf, ...Buffer.from('secret-password'), 1]],
    ['a name of a class of errors', [0xd4, 0x65, 0, 0x92, 0xa6, ...Buffer.from('secret'), 1, 1]],
    ['a pattern that is not valid', [0xd4, 0x78, 0, 0x92, 0xa7, ...Buffer.from('secret('), 0xa0]],
  ])('an error about bytes with %s repeats none of them', (_what, bytes) => {
    const decoded = pack.decode(Buffer.from(bytes), 'Any');
    if (E.isRight(decoded)) throw new Error('expected a refusal');

    expect(decoded.left.message).toContain(
      `object: is not MessagePack of one value; it takes ${bytes.length} bytes`,
    );
    expect(inspect(decoded.left)).not.toContain('secret');
  });
});
