import type { Database, RootDatabase } from 'lmdb';
import type { LmdbEventStore } from 'rx-watcher/lmdb';
import type { FileEvent } from './file-event.ts';
import type { ImportRecord } from './import-record.ts';

/** The sub-database by which a store of this demo is told from other LMDB files: the first thing made in it. */
export const MARKER = 'git-history';

/** One LMDB environment, with the events and with everything that is made of them. */
export interface DemoLog {
  readonly env: RootDatabase;
  readonly events: LmdbEventStore<FileEvent>;
  /** How far the history is imported, under one key. */
  readonly imports: Database<ImportRecord, 'import'>;
  /** For each view the number of the last event that its rows count. */
  readonly positions: Database<number, string>;
  /** Closes the store, then the environment, which is ours. */
  close(): Promise<void>;
}
