import type { DemoLog } from './demo-log.ts';

/** Where a log is kept: a file, or a stream with a file of tables beside it. */
export interface DemoStore {
  /** Says where the events are; no two stores have the same. */
  readonly name: string;
  /** The file of the tables, if it is not that of the events. */
  readonly tables?: string;
  /**
   * Opens the log.
   *
   * @param fresh - Delete what is there first.
   * @throws DemoError if what is there is no store of this demo, or cannot be opened.
   */
  open(fresh: boolean): Promise<DemoLog>;
}
