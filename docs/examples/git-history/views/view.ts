import type { EventFilter } from 'rx-watcher';
import type { FileEvent } from '../log/file-event.ts';
import type { Rows } from './rows.ts';

/** Something that a watcher computes from the log: rows by name, and a table that shows the first of them. */
export interface View<Row> {
  /** Also the watcher's id. */
  readonly name: string;
  /** Which events it is made of. Default: all. */
  readonly filter?: EventFilter;
  /** Counts one event in. It must depend on nothing but the event and the rows. */
  fold(event: FileEvent, rows: Rows<Row>): void;
  readonly table: ViewTable<Row>;
}

export interface ViewTable<Row> {
  readonly title: string;
  readonly head: readonly string[];
  /** Sorts the first row first; no two rows may be equal, so that there is one order only. */
  compare(a: Row, b: Row): number;
  cells(row: Row): readonly (string | number)[];
}
