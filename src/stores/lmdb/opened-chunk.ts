import { ChunkRecord } from './chunk-record.ts';
import type { ChunkView } from './chunk-view.ts';

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
