import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { EventFilter, StoredRecord } from 'rx-watcher';
import { partitionOf } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { createChunkMatcher } from '../../../../src/engine/lmdb/chunks/chunk-matcher.ts';
import { type ChunkView, viewChunk } from '../../../../src/engine/lmdb/chunks/chunk-view.ts';
import { encodeChunk } from '../../../../src/engine/lmdb/chunks/encode-chunk.ts';
import { OPERATIONS } from '../../../../src/event/event.ts';
import { matches } from '../../../../src/event/event-filter.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { record, records } from './stored-records.ts';

const viewOf = (stored: readonly StoredRecord[]) =>
  viewChunk(encodeChunk(stored), stored.at(-1)?.seqNum as number) as ChunkView;

/** Returns the indexes of the records of a chunk that match a filter. Asserts that there are none if `canMatch` is false. */
function matching(view: ChunkView, filter: EventFilter): readonly number[] {
  const matcher = createChunkMatcher(filter);
  const found = span(0, view.count - 1).filter((index) => matcher.matches(view, index));
  if (!matcher.canMatch(view)) expect(found).toEqual([]);
  return found;
}

const filters = fc.record(
  {
    objectTypes: fc.subarray(['Job', 'Execution', 'unknown']),
    operations: fc.subarray([...OPERATIONS]),
    keys: fc.subarray(['order-17', 'order-18', 'Zürich', 'unknown', '\u0000']),
    partition: fc
      .tuple(fc.nat(), fc.integer({ min: 1, max: 5 }))
      .map(([n, count]) => ({ index: n % count, count })),
  },
  { requiredKeys: [] },
);

describe('the matcher of a filter for the records of a chunk', () => {
  test('the matcher of a chunk returns exactly the records that the filter matches', () => {
    fc.assert(
      fc.property(records(20), filters, (stored, filter) => {
        const expected = [...stored.entries()].filter(([, { operation, objectType, key }]) =>
          matches(filter, operation, objectType, key),
        );

        expect(matching(viewOf(stored), filter)).toEqual(expected.map(([index]) => index));
      }),
    );
  });

  test('the matcher of a chunk excludes a key that has the same CRC-32 as a key of the filter', () => {
    expect(crc32('plumless')).toBe(crc32('buckeroo'));
    const view = viewOf([record(1, '', { key: 'plumless' }), record(2, '', { key: 'buckeroo' })]);

    expect(matching(view, { keys: ['buckeroo'] })).toEqual([1]);
    expect(matching(view, { keys: ['buckeroo', 'plumless'] })).toEqual([0, 1]);
  });

  test('the matcher of a chunk does not decode a key with a CRC-32 that no key of the filter has', () => {
    const decoded: number[] = [];
    const view = viewOf(span(1, 9).map((n) => record(n, '', { key: `order-${n}` })));
    const { contexts } = view;
    const key = contexts?.key.bind(contexts) as (index: number) => string | undefined;
    const observedKey = (index: number) => {
      decoded.push(index);
      return key(index);
    };
    Object.assign(contexts as object, { key: observedKey });

    expect(matching(view, { keys: ['order-3', 'order-7'] })).toEqual([2, 6]);
    expect(matching(view, { partition: { index: 1, count: 2 } })).toHaveLength(
      span(1, 9).filter((n) => partitionOf(`order-${n}`, 2) === 1).length,
    );
    expect(decoded).toEqual([2, 6]);
  });

  test('the matcher excludes a chunk without contexts as a whole if the filter has a key or a partition other than 0', () => {
    const view = viewOf([record(1, ''), record(2, '')]);
    const canMatch = (filter: EventFilter) => createChunkMatcher(filter).canMatch(view);

    expect(canMatch({ keys: ['a'] })).toBe(false);
    expect(canMatch({ partition: { index: 1, count: 2 } })).toBe(false);
    expect(canMatch({ partition: { index: 0, count: 2 } })).toBe(true);
    expect(canMatch({ keys: [] })).toBe(true);
  });
});
