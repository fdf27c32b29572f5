import { openLmdbStore } from 'rx-watcher/lmdb';
import { advanceRecord } from './advance-record.ts';
import { cannotOpen } from './cannot-open.ts';
import type { DemoLog } from './demo-log.ts';
import type { FileEvent } from './file-event.ts';
import { openTables } from './tables.ts';

/**
 * Opens a log whose events are in the environment of the tables, so that one transaction can hold both.
 *
 * Garbage collection is off, so that a view which is added later can still be computed from the beginning.
 *
 * @throws DemoError if the file cannot be made or opened.
 */
export function openFileLog(path: string): DemoLog {
  try {
    const tables = openTables(path);
    const events = openLmdbStore<FileEvent>({ env: tables.env, gcAgeThreshold: 0 });
    return {
      ...tables,
      events,
      transaction: (work) => events.transaction(work),
      storeBatch: (batch, before, after) =>
        events.transaction((storeEvent) => {
          for (const request of batch) storeEvent(request);
          advanceRecord(tables, before, after);
        }),
      async close() {
        await events.close();
        await tables.env.close();
      },
    };
  } catch (cause) {
    throw cannotOpen(path, cause);
  }
}
