import type { Database } from 'lmdb';
import QuickLRU from 'quick-lru';
import { ChunkRecord, type ChunkView, viewChunk } from './chunk-view.ts';

/** A chunk that was read from its table and checked. */
export class OpenedChunk {
  /** Key of the chunk: the sequence number of its last record. */
  readonly key: number;
  /** View of the chunk, or the reason why its head is not valid. */
  readonly view: ChunkView | string;
  readonly #cached: ChunkRecord[] = [];
  /** Highest index of a record that was requested so far, plus 1. */
  #requested = 0;

  constructor(key: number, view: ChunkView | string) {
    this.key = key;
    this.view = view;
  }

  /**
   * Returns the record at an index of the chunk.
   *
   * The record is cached only from the second request on, so that a record with a single reader becomes garbage immediately.
   * A cached record lives longer, so the garbage collector of V8 must copy it, and it occupies the cache of the processor.
   *
   * @param seqNum - Sequence number of this record.
   */
  record(view: ChunkView, index: number, seqNum: number): ChunkRecord {
    const cached = this.#cached[index];
    if (cached !== undefined) return cached;
    const record = new ChunkRecord(view, index, seqNum);
    if (index < this.#requested) this.#cached[index] = record;
    else this.#requested = index + 1;
    return record;
  }
}

/** Maximum number of cached chunks, of about 64 KiB each. */
const MAX_CHUNKS = 16;

/**
 * Creates a cache of the recently opened chunks of a table. A chunk is read and checked only once for several readers at
 * about the same position, and for a reader that reads the chunk in several pages.
 */
export function createChunkCache(events: Database<Buffer, number>) {
  const chunks = new QuickLRU<number, OpenedChunk>({ maxSize: MAX_CHUNKS });
  let lastCompactionPosition = 0;

  const open = (key: number): OpenedChunk => {
    const cached = chunks.get(key);
    if (cached !== undefined) return cached;
    const view = viewChunk(events.get(key) as Buffer, key);
    const chunk = new OpenedChunk(key, view);
    if (typeof view !== 'string' && view.count > 1) chunks.set(key, chunk);
    return chunk;
  };
  /**
   * Yields the chunks with records after a sequence number, in order. The caller must iterate synchronously, so that all
   * chunks come from one transaction.
   *
   * @param compactionPosition - Compaction position of the log. Only compaction replaces a chunk under an existing key, so
   *   the cache is valid until this position changes.
   */
  return function* chunksAfter(after: number, compactionPosition: number): Generator<OpenedChunk> {
    if (compactionPosition !== lastCompactionPosition) chunks.clear();
    lastCompactionPosition = compactionPosition;
    for (const key of events.getKeys({ start: after + 1 })) yield open(key);
  };
}
