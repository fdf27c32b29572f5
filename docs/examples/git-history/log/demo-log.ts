import type { EventStore, StoreEventRequest } from 'rx-watcher';
import type { FileChange } from '../git/file-change.ts';
import type { FileEvent } from './file-event.ts';
import type { ImportRecord } from './import-record.ts';
import type { Tables } from './tables.ts';

/** The events, wherever they are, and the tables of what is made of them. */
export interface DemoLog extends Tables {
  readonly events: EventStore<FileEvent>;
  /** Does work on the tables, all of it or none; resolves once that is on the disk. */
  transaction(work: () => void): Promise<void>;
  /**
   * Stores a batch, and moves the record of the import on. However the process ends, the two agree when the log is next
   * opened.
   *
   * @throws An Error if another process imports too.
   */
  storeBatch(
    batch: readonly StoreEventRequest<FileChange>[],
    before: ImportRecord,
    after: ImportRecord,
  ): Promise<void>;
  /** Closes the store, then what it was opened in, which is ours. */
  close(): Promise<void>;
}
