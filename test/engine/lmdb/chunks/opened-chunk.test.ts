import { expect, test } from 'vitest';
import { OpenedChunk } from '../../../../src/engine/lmdb/chunks/chunk-cache.ts';
import { type ChunkView, viewChunk } from '../../../../src/engine/lmdb/chunks/chunk-view.ts';
import { encodeChunk } from '../../../../src/engine/lmdb/chunks/encode-chunk.ts';
import { record } from './stored-records.ts';

test('OpenedChunk caches a record when it is requested for the second time', () => {
  const view = viewChunk(encodeChunk([record(1, 'a'), record(2, 'b')]), 2) as ChunkView;
  const chunk = new OpenedChunk(2, view);
  const [first, second, third, fourth] = Array.from({ length: 4 }, () => chunk.record(view, 0, 1));

  expect(first).not.toBe(second);
  expect(third).toBe(second);
  expect(fourth).toBe(second);
  expect(chunk.record(view, 1, 2)).not.toBe(chunk.record(view, 1, 2));
  expect(first).toMatchObject({ seqNum: 1, operation: 'CREATE', objectType: 'Job', bytes: 1 });
  expect(third).toMatchObject({ seqNum: 1, operation: 'CREATE', objectType: 'Job', bytes: 1 });
});
