import type { Event } from '../../event/event.ts';
import type { TransactionalEventStore } from '../../store/event-store.ts';

/** Event store on LMDB, with transactions over all tables of the environment, and backups. */
export interface LmdbEventStore<E extends Event = Event> extends TransactionalEventStore<E> {
  /**
   * Copies a snapshot of the whole environment to a new file, without free pages. Writes continue in the meantime. The copy
   * can be opened as a store. When the Promise resolves, the content and the name of the copy are flushed to the disk. If
   * the backup fails, no file is created.
   *
   * @param path - Data file of the copy, which must not exist. The directory of the copy must exist, unless the store has
   *   the option `createDirectories`. The option `mode` of the store sets the permissions of the copy.
   * @throws InvalidOptionsError if `path` is not a string or is blank.
   * @throws StoreClosedError if the store is closed.
   * @throws StoreError if the copy cannot be written.
   * @see [Backup and restore](../../../docs/guides/backup-and-restore.md)
   * @example
   * await store.backup(`./backups/${new Date().toISOString().slice(0, 10)}.lmdb`);
   */
  backup(path: string): Promise<void>;
}
