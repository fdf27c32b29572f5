import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';
import type { Rows } from './views.ts';

/** Rows in an LMDB table. A change must be made inside a transaction. */
export class TableRows<Row> implements Rows<Row> {
  readonly #table: Database<Row, string>;

  constructor(table: Database<Row, string>) {
    this.#table = table;
  }

  get(name: string): Row | undefined {
    return this.#table.get(keyOf(name));
  }

  put(name: string, row: Row): void {
    void this.#table.put(keyOf(name), row);
  }

  remove(name: string): void {
    void this.#table.remove(keyOf(name));
  }

  /** Reads the stored rows, one at a time. */
  *stored(): Generator<Row, void, undefined> {
    for (const { value } of this.#table.getRange()) yield value;
  }
}

/** Maximum length of a name as a key, in UTF-16 code units. Each takes up to 3 of the 1978 bytes that LMDB permits in a key. */
const LONGEST = 550;

/** Returns the key of a name: the name, or its beginning and a digest if it is longer than `LONGEST`. */
function keyOf(name: string): string {
  if (name.length <= LONGEST) return name;
  return name.slice(0, LONGEST) + createHash('sha256').update(name).digest('hex');
}
