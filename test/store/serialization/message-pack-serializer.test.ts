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
  if (E.isRight(encoded)) throw new Error('must be a Left');
  expect(encoded.left).toBeInstanceOf(SerializationError);
  return encoded.left.faults.map(({ path }) => path);
};

const anyText = fc.string({ unit: 'binary' });
/** Any key except `__proto__`, which the serializer rejects. */
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
    fc.double().map((number) => number + 0), // -0 + 0 is 0: the serializer does not distinguish -0 from 0, like JSON
    anyText,
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.array(tie('any')),
    fc.dictionary(anyKey, tie('any'), { noNullPrototype: true }),
  ),
}));

/** Converts a decoded Buffer to a plain Uint8Array, so that it can equal the original one. */
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

describe('messagePackSerializer', () => {
  test('messagePackSerializer decodes every supported value to an equal value', () => {
    fc.assert(
      fc.property(any, (value) => {
        expect(normal(roundTrip(value))).toStrictEqual(normal(value));
      }),
      { numRuns: 200 },
    );
  });

  test('messagePackSerializer supports dates, bytes, NaN and Infinity, which JSON does not support', () => {
    const value = {
      at: new Date(1.7e12),
      bytes: Uint8Array.of(1, 2),
      numbers: [Number.NaN, Number.NEGATIVE_INFINITY],
    };

    expect(normal(roundTrip(value))).toStrictEqual(value);
  });

  test('messagePackSerializer encodes objects of another JavaScript realm like objects of this realm', () => {
    const value = runInNewContext(
      '({ at: new Date(5), bytes: Uint8Array.of(1, 2), list: [{ a: undefined }] })',
    );

    expect(normal(roundTrip(value))).toStrictEqual({
      at: new Date(5),
      bytes: Uint8Array.of(1, 2),
      list: [{}],
    });
  });

  test('messagePackSerializer supports objects with 70,000 property names', () => {
    const value = Object.fromEntries(Array.from({ length: 70_000 }, (_, n) => [`key ${n}`, n]));

    expect(roundTrip(value)).toEqual(value);
  });

  test('messagePackSerializer decodes or rejects property names with a special meaning in JavaScript', () => {
    for (const key of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      const value = JSON.parse(`{"${key}": {"a": 1}}`);
      const encoded = pack.encode(value, 'Any');

      if (E.isLeft(encoded)) expect(encoded.left).toBeInstanceOf(SerializationError);
      else expect(Object.entries(roundTrip(value) as object)).toEqual(Object.entries(value));
    }
  });

  test('messagePackSerializer copies decoded bytes, so that later changes of the payload do not affect the object', () => {
    const encoded = pack.encode(Uint8Array.of(1, 2, 3), 'Any');
    if (E.isLeft(encoded)) throw encoded.left;
    const buffer = Buffer.from(encoded.right);
    const decoded = pack.decode(buffer, 'Any');
    buffer.fill(9);

    expect(E.isRight(decoded) && Uint8Array.from(decoded.right as Uint8Array)).toEqual(
      Uint8Array.of(1, 2, 3),
    );
  });

  test('messagePackSerializer encodes each object independently of earlier objects', () => {
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
    ['typed arrays other than Uint8Array', { floats: Float64Array.of(1) }, ['object.floats']],
    ['invalid dates', { at: new Date(Number.NaN) }, ['object.at']],
    ['keys that are symbols', { [Symbol('s')]: 1 }, ['object']],
    ['circular references', loop, ['object.self']],
    [
      'strings that are not well-formed Unicode',
      { text: 'lone \ud800', 'key \udfff': 1 },
      ['object.text', 'object'],
    ],
  ])('messagePackSerializer rejects %s and reports the path of each fault', (_name, value, paths) => {
    expect(pathsOf(value)).toEqual(paths);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['truncated', Buffer.from([0x93, 1, 2])],
    ['a sequence of two values', Buffer.from([1, 2])],
  ])('messagePackSerializer rejects a payload that is %s', (_name, bytes) => {
    const decoded = pack.decode(bytes, 'Any');

    expect(E.isLeft(decoded) && decoded.left).toBeInstanceOf(DeserializationError);
  });

  test.each([
    ['a second value', [0xaf, ...Buffer.from('secret-password'), 1]],
    ['the name of an error class', [0xd4, 0x65, 0, 0x92, 0xa6, ...Buffer.from('secret'), 1, 1]],
    ['an invalid regular expression', [0xd4, 0x78, 0, 0x92, 0xa7, ...Buffer.from('secret('), 0xa0]],
  ])('messagePackSerializer does not quote the payload in the error for %s', (_name, bytes) => {
    const decoded = pack.decode(Buffer.from(bytes), 'Any');
    if (E.isRight(decoded)) throw new Error('must be a Left');

    expect(decoded.left.message).toContain(
      `object: must be MessagePack of one value; received ${bytes.length} bytes of other data`,
    );
    expect(inspect(decoded.left)).not.toContain('secret');
  });
});
