import type { Database } from 'lmdb';
import type { FileEvent } from './file-event.ts';
import { openTables, type Tables } from './tables.ts';

/** The last event of a stream that the tables beside it know of: it tells whether that is still the same stream. */
export interface StreamPlace {
  readonly seqNum: number;
  readonly commit: string;
  readonly path: string;
}

/** The place that an event is at. */
export const placeOf = ({ seqNum, object: { commit, path } }: FileEvent): StreamPlace => ({
  seqNum,
  commit,
  path,
});

/** The tables of a log whose events are in a stream. */
export interface StreamTables extends Tables {
  /** The file that they are in. */
  readonly file: string;
  /** Changes with the record of the import. */
  readonly places: Database<StreamPlace, 'place'>;
  /** Does work on the tables, all of it or none; resolves once that is on the disk. */
  transaction(work: () => void): Promise<void>;
}

/** Opens the tables, and makes them if they are not there. */
export function openStreamTables(file: string): StreamTables {
  const tables = openTables(file);
  return {
    ...tables,
    file,
    places: tables.env.openDB<StreamPlace, 'place'>({ name: 'stream', encoding: 'json' }),
    async transaction(work) {
      tables.env.transactionSync(work);
      tables.env.resetReadTxn(); // so that what comes next is read as it was just written
    },
  };
}
