import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';

/** The rows of a view, as it sees them while it counts an event in. */
export interface Rows<Row> {
  get(name: string): Row | undefined;
  put(name: string, row: Row): void;
  remove(name: string): void;
}

/** Rows in a table of LMDB, with the changes to them held back until they are written together. */
export class BufferedRows<Row> implements Rows<Row> {
  readonly #table: Database<Row, string>;
  readonly #changed = new Map<string, Row | undefined>();

  constructor(table: Database<Row, string>) {
    this.#table = table;
  }

  get(name: string): Row | undefined {
    const key = keyOf(name);
    return this.#changed.has(key) ? this.#changed.get(key) : this.#table.get(key);
  }

  put(name: string, row: Row): void {
    this.#changed.set(keyOf(name), row);
  }

  remove(name: string): void {
    this.#changed.set(keyOf(name), undefined);
  }

  /** Writes the changes; to be called inside a transaction. They are kept until {@link forget}, should it fail. */
  write(): void {
    for (const [key, row] of this.#changed) {
      if (row === undefined) void this.#table.remove(key);
      else void this.#table.put(key, row);
    }
  }

  /** Drops what was held back: it is in the table now. */
  forget(): void {
    this.#changed.clear();
  }

  /** The rows as they were last written, one at a time. */
  *written(): Generator<Row, void, undefined> {
    for (const { value } of this.#table.getRange()) yield value;
  }
}

const LONGEST = 550; // in UTF-16 units; a key of LMDB holds 1978 bytes

/** A path can be longer than a key may be: its beginning and a digest stand for it. No short name is that long. */
function keyOf(name: string): string {
  if (name.length <= LONGEST) return name;
  return name.slice(0, LONGEST) + createHash('sha256').update(name).digest('hex');
}
