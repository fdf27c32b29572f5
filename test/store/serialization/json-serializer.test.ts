import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, jsonSerializer, messagePackSerializer } from 'rx-watcher';
import { describe, expect, test } from 'vitest';

const json = jsonSerializer();

const bytesOf = (value: unknown): Uint8Array => {
  const encoded = json.encode(value, 'Any');
  if (E.isLeft(encoded)) throw encoded.left;
  return encoded.right;
};

describe('jsonSerializer', () => {
  test('jsonSerializer decodes every JSON value to an equal value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const same = JSON.parse(JSON.stringify(value));

        expect(json.decode(bytesOf(value), 'Any')).toStrictEqual(E.right(same));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    null,
    0,
    1e-7,
    -1.5e300,
    '',
    'lone \ud800 surrogate',
    '\u0000\u2028\ufeff',
    '\ufeff',
    [],
    {},
    [[]],
    { '': { '': 0 } },
  ])('jsonSerializer decodes %j to an equal value', (value) => {
    expect(json.decode(bytesOf(value), 'Any')).toStrictEqual(E.right(value));
  });

  test('jsonSerializer supports property names with a special meaning in JavaScript', () => {
    const value = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": 3}');

    const decoded = json.decode(bytesOf(value), 'Any');

    expect(E.isRight(decoded) && Object.entries(decoded.right as object)).toEqual(Object.entries(value));
  });

  test('jsonSerializer supports a thousand levels of nesting, and an object with two references to the same object', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 1000; level++) deep = [deep];
    const shared = { n: 1 };

    expect(json.decode(bytesOf(deep), 'Any')).toEqual(E.right(deep));
    expect(json.decode(bytesOf({ a: shared, b: shared }), 'Any')).toEqual(
      E.right({ a: { n: 1 }, b: { n: 1 } }),
    );
  });

  test('jsonSerializer stores the result of the method toJSON', () => {
    const value = {
      at: new Date(0),
      nested: { toJSON: (key: string) => `key ${key}` },
      url: new URL('http://a/b'),
    };

    expect(json.decode(bytesOf(value), 'Any')).toEqual(
      E.right({ at: '1970-01-01T00:00:00.000Z', nested: 'key nested', url: 'http://a/b' }),
    );
  });
});

test.each([
  ['not JSON', Buffer.from('{"a":')],
  ['empty', Buffer.alloc(0)],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['a sequence of two JSON values', Buffer.from('1 2')],
])('jsonSerializer rejects a payload that is %s', (_name, bytes) => {
  const decoded = json.decode(bytes, 'Any');

  expect(E.isLeft(decoded) && decoded.left).toBeInstanceOf(DeserializationError);
  expect(E.isLeft(decoded) && decoded.left.cause).toBeInstanceOf(Error);
});

test('jsonSerializer does not quote a payload that cannot be decoded in its error', () => {
  const decoded = jsonSerializer().decode(Buffer.from('secret-password'), 'Job');

  if (decoded._tag === 'Right') throw new Error('must be a Left');
  expect(decoded.left.message).toContain('must be JSON in UTF-8; received 15 bytes of other data');
  expect(decoded.left.message).not.toContain('secret');
  expect(decoded.left.cause).toBeInstanceOf(SyntaxError);
});

test.each([
  ['JSON', jsonSerializer()],
  ['MessagePack', messagePackSerializer()],
])(
  'the serializer for %s keeps the RangeError as the cause of the error for an object that nests too deeply',
  (_, serializer) => {
    let nested: unknown = 1;
    for (let level = 0; level < 100_000; level++) nested = [nested];

    const encoded = serializer.encode(nested, 'Job');

    expect(encoded).toMatchObject({ left: { cause: expect.any(RangeError) } });
  },
);
