import type { Database } from 'lmdb';
import QuickLRU from 'quick-lru';
import { viewChunk } from './chunk-view.ts';
import { OpenedChunk } from './opened-chunk.ts';

/** So many chunks are kept, of about 64 KiB each. */
const CHUNKS = 16;

/**
 * Opens the chunks of a table, and keeps those opened last: readers at about the same place, and one that reads a chunk
 * page by page, have it read and checked once.
 */
export function createChunkCache(events: Database<Buffer, number>) {
  const kept = new QuickLRU<number, OpenedChunk>({ maxSize: CHUNKS });
  let packedThrough = 0;

  const open = (key: number): OpenedChunk => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const view = viewChunk(events.get(key) as Buffer, key);
    const chunk = new OpenedChunk(key, view);
    if (typeof view !== 'string' && view.count > 1) kept.set(key, chunk);
    return chunk;
  };
  /**
   * The chunks that hold what comes after a number, in order; to be called inside a transaction.
   *
   * @param packed - Up to where the log is packed: nothing but packing puts another chunk under a key that there was.
   */
  return function* chunksAfter(after: number, packed: number): Generator<OpenedChunk> {
    if (packed !== packedThrough) kept.clear();
    packedThrough = packed;
    for (const key of events.getKeys({ start: after + 1 })) yield open(key);
  };
}
