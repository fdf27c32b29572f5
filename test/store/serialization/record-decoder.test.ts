import fc from 'fast-check';
import * as t from 'io-ts';
import { DeserializationError, jsonSerializer } from 'rx-watcher';
import { describe, expect, test, vi } from 'vitest';
import type { StoredRecord } from '../../../src/engine/contract/record.ts';
import { codecSerializer } from '../../../src/store/serialization/codec-serializer.ts';
import { createObjectCache } from '../../../src/store/serialization/object-cache.ts';
import type { PayloadTexts } from '../../../src/store/serialization/packed-record.ts';
import { createRecordDecoder, type RecordDecoder } from '../../../src/store/serialization/record-decoder.ts';
import type { Serializer } from '../../../src/store/serialization/serializer.ts';

/** Returns records as an engine reads them from one buffer of ASCII payloads, with sequence numbers from 1. */
function recordsOf(payloads: readonly string[]): readonly StoredRecord[] {
  const texts: PayloadTexts = { text: (first, last) => payloads.slice(first, last + 1).join() };
  return payloads.map((text, index) => ({
    seqNum: index + 1,
    operation: 'CREATE',
    objectType: 'Order',
    timestamp: 0,
    payload: Buffer.from(text),
    texts,
    index,
  }));
}

const decoderOf = (serializer: Serializer): RecordDecoder =>
  createRecordDecoder(serializer, createObjectCache(0));

/** Decodes all records up to the first record that cannot be decoded. Returns the objects and the error. */
function decodeAll(decode: RecordDecoder, records: readonly StoredRecord[]) {
  const objects: unknown[] = [];
  try {
    while (objects.length < records.length) objects.push(...decode(records, objects.length));
    return { objects };
  } catch (error) {
    return { objects, error };
  }
}

/** Parses texts one by one, up to the first text that cannot be parsed. */
function parsedUpToFault(texts: readonly string[]) {
  const objects: unknown[] = [];
  try {
    for (const text of texts) objects.push(JSON.parse(text));
  } catch {}
  return objects;
}

const ascii = fc
  .json()
  .map((text) => text.replace(/[^\x20-\x7e]/g, '?'))
  .filter((text) => parsedUpToFault([text]).length === 1);
const truncated = fc
  .tuple(ascii, fc.nat())
  .map(([text, end]) => text.slice(0, end % text.length))
  .filter((text) => parsedUpToFault([text]).length === 0);
const several = fc.constantFrom('1,2', '{"a":1},{"b":2}');

describe('records that the record decoder decodes together', () => {
  test('records that are decoded together have the same results as records that are decoded one by one, up to the first failure', () => {
    const textsWith = (invalid: fc.Arbitrary<string>) =>
      fc.array(fc.oneof({ weight: 40, arbitrary: ascii }, { weight: 1, arbitrary: invalid }), {
        maxLength: 200,
        size: 'max',
      });
    // Each list has only one kind of invalid text. A truncated text can form one value with the next text, and a text of
    // two values can restore the expected number of values. The decoder cannot detect that combination.
    fc.assert(
      fc.property(fc.oneof(textsWith(truncated), textsWith(several)), (texts) => {
        const { objects, error } = decodeAll(decoderOf(jsonSerializer()), recordsOf(texts));

        expect(objects).toEqual(parsedUpToFault(texts));
        if (objects.length === texts.length) expect(error).toBeUndefined();
        else expect(error).toMatchObject({ name: 'DeserializationError', seqNum: objects.length + 1 });
      }),
    );
  });

  test('the record decoder decodes at most 64 records together, and only if their payloads are in the same buffer', () => {
    const decode = decoderOf(jsonSerializer());
    const numbers = recordsOf(Array.from({ length: 200 }, (_, n) => String(n)));

    expect(decode(numbers, 10)).toHaveLength(64);
    expect(decode([...numbers.slice(0, 5), ...recordsOf(['5', '6'])], 2)).toEqual([2, 3, 4]);
  });

  test('the record decoder skips the payloads of excluded records between records that it decodes together', () => {
    const all = recordsOf(['0', 'no', '2', '3', 'no', 'no', '6', '7']);
    const matching = [0, 2, 3, 6, 7].map((index) => all[index] as StoredRecord);

    expect(decoderOf(jsonSerializer())(matching, 0)).toEqual([0, 2, 3, 6, 7]);
    expect(decoderOf(jsonSerializer())(matching, 1)).toEqual([2, 3, 6, 7]);
  });

  test('the record decoder parses successive payloads as one text, and does not read each payload separately', () => {
    const records = recordsOf(['1', '2']).map(({ payload: _, ...record }) => ({
      ...record,
      get payload(): never {
        throw new Error('payload must not be read');
      },
    }));

    expect(decoderOf(jsonSerializer())(records, 0)).toEqual([1, 2]);
  });

  test('the record decoder does not decode records again that are in the object cache', () => {
    const cache = createObjectCache(100, true);
    const [first, second] = [1, 2].map((seqNum) => cache.put(seqNum, { n: seqNum }));
    const decode = createRecordDecoder(jsonSerializer(), cache);
    const records = recordsOf(['{"n":1}', '{"n":2}', '{"n":3}']);

    expect(decode(records, 0)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(decode(records, 0)[0]).toBe(first);
    expect(decode(records, 1)[0]).toBe(second);
    expect(decode(records, 2)).toEqual([{ n: 3 }]);
  });

  test('the record decoder ends before a record in the object cache, so that all readers get the cached object', () => {
    const cache = createObjectCache(100, true);
    const cached = cache.put(3, { n: 3 });
    const decode = createRecordDecoder(jsonSerializer(), cache);
    const records = recordsOf(['{"n":1}', '{"n":2}', '{"n":3}']);

    expect(decode(records, 0)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(decode(records, 2)[0]).toBe(cached);
  });

  test('objects are added to the object cache when a second reader has decoded their records', () => {
    const decode = createRecordDecoder(jsonSerializer(), createObjectCache(100, true));
    const records = recordsOf(['{"n":1}', '{"n":2}']);
    decode(records, 0);
    const second = decode(records, 0);

    expect(decode(records, 0).every((object, index) => object === second[index])).toBe(true);
  });

  test('the record decoder decodes half as many records together if one of the records cannot be decoded', () => {
    const serializer = jsonSerializer();
    const parse = vi.spyOn(JSON, 'parse');
    const texts = Array.from({ length: 64 }, (_, n) => (n === 40 ? '{' : String(n)));

    expect(decoderOf(serializer)(recordsOf(texts), 0)).toHaveLength(32);
    expect(parse).toHaveBeenCalledTimes(2);
    parse.mockRestore();
  });

  test('the record decoder ends before a record with an object that the codec rejects, or for which the codec throws', () => {
    const refusing = codecSerializer(jsonSerializer(), { Order: t.number });
    const throwing = new t.Type<number, number>(
      'throwing',
      t.number.is,
      (value) => {
        if (value === 2) throw new Error('codec failed');
        return t.success(value as number);
      },
      Number,
    );

    const refused = decodeAll(decoderOf(refusing), recordsOf(['1', '1', '"two"', '1']));
    const thrown = decodeAll(
      decoderOf(codecSerializer(jsonSerializer(), { Order: throwing })),
      recordsOf(['1', '2', '1']),
    );

    expect(refused.objects).toEqual([1, 1]);
    expect(refused.error).toBeInstanceOf(DeserializationError);
    expect(refused.error).toMatchObject({ seqNum: 3 });
    expect(thrown.objects).toEqual([1]);
    expect(thrown.error).toMatchObject({ seqNum: 2, message: expect.stringContaining('codec failed') });
  });
});
