import type { Database } from 'lmdb';
import QuickLRU from 'quick-lru';
import { ChunkRecord, type ChunkView, viewChunk } from './chunk-view.ts';

/** A chunk that was opened. */
export class OpenedChunk {
  /** The number of its last record. */
  readonly key: number;
  /** What is in it, or what is wrong with it. */
  readonly view: ChunkView | string;
  readonly #records: ChunkRecord[] = [];
  /** Behind the last index that anybody has asked for. */
  #asked = 0;

  constructor(key: number, view: ChunkView | string) {
    this.key = key;
    this.view = view;
  }

  /**
   * The record of an index of its view, whose number this is.
   *
   * Kept for others once a second reader asks for it: what one reader alone goes through should be garbage at once, for
   * what lives longer the collector copies, and it takes the place of other things in the processor's cache.
   */
  record(view: ChunkView, index: number, seqNum: number): ChunkRecord {
    const known = this.#records[index];
    if (known !== undefined) return known;
    const record = new ChunkRecord(view, index, seqNum);
    if (index < this.#asked) this.#records[index] = record;
    else this.#asked = index + 1;
    return record;
  }
}

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
