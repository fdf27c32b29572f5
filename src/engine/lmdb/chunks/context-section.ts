import type { EventContext } from '../../../event/event-context.ts';
import { CONTEXT_LAYOUT } from './chunk-format.ts';

/** Context fields of a record that are read from a chunk. */
type Field = 'key' | 'id' | 'metadata';

/** A length precedes each field. These are the sizes of the lengths, in bytes, in the order of the fields of a record. */
const LENGTH_BYTES = { key: 2, id: 2, metadata: 4 } as const;
const FIELDS = Object.keys(LENGTH_BYTES) as readonly Field[];

/**
 * View of the context section of a chunk. The section begins with a row for each record that has a key, an id or metadata,
 * in the order of the records. The fields of these records follow after the rows. A field is decoded when it is accessed.
 */
export class ContextSection {
  /** Whether a record of the chunk has an id. */
  readonly hasIds: boolean;
  readonly #chunk: Buffer;
  readonly #rowsAt: number;
  readonly #rowCount: number;
  /** Whether every record has a row. A row and its record then have the same index. */
  readonly #isDense: boolean;

  /**
   * @param at - Start of the section in the chunk.
   * @param recordCount - Number of records of the chunk.
   */
  constructor(chunk: Buffer, at: number, recordCount: number) {
    const count = chunk.readUInt16LE(at);
    this.hasIds = (count & CONTEXT_LAYOUT.idsBit) !== 0;
    this.#chunk = chunk;
    this.#rowsAt = at + CONTEXT_LAYOUT.countBytes;
    this.#rowCount = count & ~CONTEXT_LAYOUT.idsBit;
    this.#isDense = this.#rowCount === recordCount;
  }

  #rowAt(row: number): number {
    return this.#rowsAt + row * CONTEXT_LAYOUT.rowBytes;
  }

  /** Returns the index of the row of a record; -1 if the record has no row. */
  #rowOf(index: number): number {
    if (this.#isDense) return index;
    let low = 0;
    let high = this.#rowCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#chunk.readUInt16LE(this.#rowAt(middle)) < index) low = middle + 1;
      else high = middle;
    }
    return low < this.#rowCount && this.#chunk.readUInt16LE(this.#rowAt(low)) === index ? low : -1;
  }

  /** Returns the CRC-32 of the key of a record; 0 if the record has no key. */
  keyHash(index: number): number {
    const row = this.#rowOf(index);
    return row === -1 ? 0 : this.#chunk.readUInt32LE(this.#rowAt(row) + 2);
  }

  /** Returns a field as text; `undefined` if the record does not have this field. */
  #text(index: number, wanted: Field): string | undefined {
    const row = this.#rowOf(index);
    if (row === -1) return undefined;
    const bytesAt = this.#rowAt(this.#rowCount);
    const begin = row === 0 ? 0 : this.#chunk.readUInt32LE(this.#rowAt(row - 1) + 6);
    const flags = this.#chunk.readUInt8(bytesAt + begin);
    if ((flags & CONTEXT_LAYOUT[wanted]) === 0) return undefined;
    let at = bytesAt + begin + 1;
    for (const field of FIELDS) {
      if ((flags & CONTEXT_LAYOUT[field]) === 0) continue;
      const length = this.#chunk.readUIntLE(at, LENGTH_BYTES[field]);
      at += LENGTH_BYTES[field];
      if (field === wanted) return this.#chunk.toString('utf8', at, at + length);
      at += length;
    }
    return undefined;
  }

  /** Returns the key of a record; `undefined` if the record has no key. */
  key(index: number): string | undefined {
    return this.#text(index, 'key');
  }

  /** Returns the id of a record; `undefined` if the record has no id. */
  id(index: number): string | undefined {
    return this.#text(index, 'id');
  }

  /** Returns the frozen metadata of a record; `undefined` if the record has no metadata. */
  metadata(index: number): EventContext['metadata'] {
    const text = this.#text(index, 'metadata');
    return text === undefined ? undefined : Object.freeze(JSON.parse(text));
  }
}
