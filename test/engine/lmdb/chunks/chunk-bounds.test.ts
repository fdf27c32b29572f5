import fc from 'fast-check';
import type { StoredRecord } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { CHUNK_BYTES, CHUNK_RECORDS, CHUNK_SPAN } from '../../../../src/engine/lmdb/chunks/chunk-format.ts';
import { chunksOf } from '../../../../src/engine/lmdb/chunks/encode-chunk.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { record } from './stored-records.ts';

const zeros = Buffer.alloc(2 * CHUNK_BYTES);
const payloadOf = (size: number) => ({ payload: zeros.subarray(0, size) });

const isWithinBounds = (chunk: readonly StoredRecord[]): boolean => {
  const [first, last] = [chunk[0] as StoredRecord, chunk.at(-1) as StoredRecord];
  const bytes = chunk.reduce((sum, { payload }) => sum + payload.length, 0);
  return (
    chunk.length <= CHUNK_RECORDS &&
    last.timestamp - first.timestamp <= CHUNK_SPAN &&
    (bytes <= CHUNK_BYTES || chunk.length === 1)
  );
};

const sizes = (of: readonly StoredRecord[]) => [...chunksOf(of)].map(({ length }) => length);

describe('chunksOf', () => {
  const commit = fc
    .array(
      fc.record({
        size: fc.oneof(fc.nat(300), fc.nat(2 * CHUNK_BYTES)),
        later: fc.oneof(
          { weight: 20, arbitrary: fc.nat(10) },
          { weight: 1, arbitrary: fc.nat(CHUNK_SPAN + 9) },
        ),
      }),
      { maxLength: 3000, size: 'max' },
    )
    .map((parts) => {
      let timestamp = 0;
      return parts.map(({ size, later }, index) => {
        timestamp += later;
        return record(index + 1, '', { timestamp, ...payloadOf(size) });
      });
    });

  test('chunksOf returns all records in order, in chunks that contain at least one record and respect the limits', () => {
    fc.assert(
      fc.property(commit, (all) => {
        const chunks = [...chunksOf(all)];

        expect(chunks.flat()).toEqual(all);
        expect(chunks.every((chunk) => chunk.length > 0 && isWithinBounds(chunk))).toBe(true);
      }),
    );
  });

  test('chunksOf fills each chunk before it starts the next one', () => {
    fc.assert(
      fc.property(commit, (all) => {
        const chunks = [...chunksOf(all)];

        for (const [index, chunk] of chunks.slice(0, -1).entries()) {
          const next = chunks[index + 1]?.[0] as StoredRecord;
          expect(isWithinBounds([...chunk, next])).toBe(false);
        }
      }),
    );
  });

  test('chunksOf fills a chunk exactly up to a limit before it starts the next chunk', () => {
    const small = span(1, 2 * CHUNK_RECORDS + 1).map((n) => record(n, ''));
    expect(sizes(small)).toEqual([CHUNK_RECORDS, CHUNK_RECORDS, 1]);

    const half = payloadOf(CHUNK_BYTES / 2);
    expect(sizes([record(1, '', half), record(2, '', half), record(3, 'x')])).toEqual([2, 1]);

    const late = { timestamp: CHUNK_SPAN };
    const tooLate = { timestamp: CHUNK_SPAN + 1 };
    expect(sizes([record(1, '', { timestamp: 0 }), record(2, '', late)])).toEqual([2]);
    expect(sizes([record(1, '', { timestamp: 0 }), record(2, '', tooLate)])).toEqual([1, 1]);
  });

  test('chunksOf includes keys, ids and metadata in the size of a record', () => {
    const metadata = { note: 'é'.repeat(CHUNK_BYTES / 4) }; // half a chunk in UTF-8
    const context = { metadata, ...payloadOf(CHUNK_BYTES / 4) };
    expect(sizes(span(1, 3).map((n) => record(n, '', context)))).toEqual([1, 1, 1]);

    // A key of ten bytes takes 13 bytes: one byte of flags, two bytes of length, and the key.
    const exact = { key: 'é'.repeat(5), ...payloadOf(CHUNK_BYTES / 2 - 13) };
    expect(sizes(span(1, 4).map((n) => record(n, '', exact)))).toEqual([2, 2]);
    expect(sizes(span(1, 4).map((n) => record(n, '', { ...exact, key: 'éééééx' })))).toEqual([1, 1, 1, 1]);
  });

  test('chunksOf returns a separate chunk for each record that is larger than the size limit', () => {
    const large = payloadOf(CHUNK_BYTES + 1);

    expect(sizes(span(1, 3).map((n) => record(n, '', large)))).toEqual([1, 1, 1]);
    expect(sizes([record(1, ''), record(2, '', large), record(3, '')])).toEqual([1, 1, 1]);
  });

  test('chunksOf returns no chunks for an empty list of records', () => {
    expect([...chunksOf([])]).toEqual([]);
  });
});
