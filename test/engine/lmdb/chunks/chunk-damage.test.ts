import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChunkView, viewChunk } from '../../../../src/engine/lmdb/chunks/chunk-view.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { chunkAndHead, record, records } from './stored-records.ts';

const flipped = (chunk: Buffer, bit: number): Buffer => {
  const damaged = Buffer.from(chunk);
  damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return damaged;
};

/** Returns all fields of a view, without the payloads. */
const heads = (view: ChunkView) => ({
  types: view.types,
  records: span(0, view.count - 1).map((index) => [
    view.operation(index),
    view.objectType(index),
    view.timestamp(index),
    view.contexts?.key(index),
    view.contexts?.id(index),
    view.contexts?.metadata(index),
  ]),
});

const payloads = (view: ChunkView) =>
  span(0, view.count - 1).map((index) => view.payload(index)?.toString('hex'));

/**
 * Returns the payloads that remain readable after a byte was changed. A change of a comma between payloads damages no
 * payload.
 */
function readablePayloads(whole: readonly (string | undefined)[], byte: number, sizes: readonly number[]) {
  let end = 0;
  return whole.map((payload, index) => {
    const begin = end;
    end += (sizes[index] as number) + 1;
    return byte >= begin && byte < end - 1 ? undefined : payload;
  });
}

const few = [
  record(7, 'first', { objectType: 'Job' }),
  record(8, ''),
  record(9, 'third', { objectType: 'Execution', operation: 'DELETE', timestamp: 1_700_000_000_070 }),
  record(10, '{"n":4}', { operation: 'UPDATE', timestamp: 1_700_000_000_070 }),
];

const withContext = [
  record(7, 'first', { key: 'order-17', id: 'e1', metadata: { user: 'ada' } }),
  record(8, 'second'),
  record(9, 'third', { key: 'order-18' }),
];

describe('a chunk with one flipped bit', () => {
  const expectDetected = (stored: typeof few, bit: number) => {
    const { chunk, headLength } = chunkAndHead(stored);
    const last = stored.at(-1)?.seqNum as number;
    const whole = viewChunk(chunk, last) as ChunkView;
    const view = viewChunk(flipped(chunk, bit), last);

    if (bit < headLength * 8) {
      expect(view).toBeTypeOf('string');
      return;
    }
    const sizes = stored.map(({ payload }) => payload.length);
    expect(heads(view as ChunkView)).toEqual(heads(whole));
    expect((view as ChunkView).texts).toBeUndefined();
    expect(payloads(view as ChunkView)).toEqual(
      readablePayloads(payloads(whole), (bit >> 3) - headLength, sizes),
    );
  };

  test('a chunk with one flipped bit is invalid if the bit is in the head, and otherwise has at most one damaged payload', () => {
    for (const stored of [few, withContext]) {
      const bits = chunkAndHead(stored).chunk.length * 8;

      for (const bit of span(0, bits - 1)) expectDetected(stored, bit);
    }
  });

  test('a chunk with one flipped bit is invalid or has at most one damaged payload, for any records and any bit', () => {
    const chunkAndBit = records(30).chain((stored) =>
      fc.record({ stored: fc.constant(stored), bit: fc.nat(chunkAndHead(stored).chunk.length * 8 - 1) }),
    );

    fc.assert(fc.property(chunkAndBit, ({ stored, bit }) => expectDetected([...stored], bit)));
  });
});

describe('a truncated chunk', () => {
  test('a truncated chunk is invalid if its head is incomplete, and otherwise only payloads that are cut off are damaged', () => {
    const { chunk, headLength } = chunkAndHead(few);
    const whole = payloads(viewChunk(chunk, 10) as ChunkView);

    for (const length of span(0, chunk.length - 1)) {
      const view = viewChunk(chunk.subarray(0, length), 10);
      if (length < headLength) {
        expect(view).toContain('truncated');
      } else {
        const readable = whole.map((payload, index) => {
          const end = whole.slice(0, index + 1).join('').length / 2 + index;
          return headLength + end <= length ? payload : undefined;
        });
        expect(payloads(view as ChunkView)).toEqual(readable);
      }
    }
  });

  test('a chunk is invalid if it is empty or contains only zeros', () => {
    expect(viewChunk(Buffer.alloc(0), 1)).toBeTypeOf('string');
    expect(viewChunk(Buffer.alloc(4096), 1)).toBeTypeOf('string');
    expect(viewChunk(Buffer.alloc(4096).fill(1, 0, 1), 1)).toBeTypeOf('string');
  });
});

test('a chunk of another version is invalid, and the reason contains that version', () => {
  for (const version of [0, 1, 2, 3, 255]) {
    const { chunk } = chunkAndHead(few);
    chunk.writeUInt8(version, 0);

    expect(viewChunk(chunk, 10)).toMatch(new RegExp(`version ${version};`));
  }
});

test('a chunk is invalid under any key other than the number of its last event', () => {
  const number = fc.oneof(fc.nat(2 ** 20), fc.maxSafeNat());
  const [first] = few;

  fc.assert(
    fc.property(number, number, (seqNum, key) => {
      fc.pre(seqNum !== key);
      const { chunk } = chunkAndHead([{ ...(first as (typeof few)[0]), seqNum }]);

      expect(viewChunk(chunk, seqNum)).toBeTypeOf('object');
      expect(viewChunk(chunk, key)).toContain('its sequence number');
    }),
  );
});
