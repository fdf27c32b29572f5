import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { assembleStore } from '../../store/create-event-store.ts';
import type { EventStore } from '../../store/event-store.ts';
import { reporterOf } from '../../store/reporting/logger.ts';
import type { StoreOptions } from '../../store/store-options.ts';
import { createLmdbEventLog } from './lmdb-event-log.ts';
import type { LmdbEventStore } from './lmdb-event-store.ts';
import { openReadOnlyEnv } from './open/open-read-only-env.ts';
import { IDS_BUCKET } from './tables/id-index.ts';
import { DEFAULT_BUCKETS, openTables } from './tables/open-tables.ts';
import { REPORTS_BUCKET } from './tables/reports-table.ts';
import { VERSIONS_BUCKET } from './tables/table-version.ts';

/** Sub-databases of a log with the default names. */
const BUCKETS = [...Object.values(DEFAULT_BUCKETS), VERSIONS_BUCKET, IDS_BUCKET, REPORTS_BUCKET];

/**
 * Checks that an environment contains a log.
 *
 * @throws {@link StoreError} if it contains no log, or a log of another version.
 */
function assertLog(env: RootDatabase, path: string): void {
  const names = new Set<unknown>(env.getKeys());
  if (!names.has('events') || !names.has(VERSIONS_BUCKET)) {
    throw new StoreError(
      `cannot open '${path}': it is an LMDB file, but it contains no log of rx-watcher (no table 'events')`,
    );
  }
  const missing = BUCKETS.filter((name) => !names.has(name));
  if (missing.length === 0) return;
  throw new StoreError(
    `cannot open '${path}': it was written by another version of rx-watcher (no table ${missing.map((name) => `'${name}'`).join(', ')}); open it once with an application that uses this version`,
  );
}

/**
 * Opens the log in an existing file for reading, with the default names of the sub-databases. Every write is rejected, and
 * garbage collection does not run. The process must not open the same file for writing at the same time.
 *
 * @throws {@link StoreError} if the file cannot be opened, or contains no log.
 * @see {@link openReadOnlyEnv}
 */
export function openReadOnlyLmdbStore<E extends Event>(
  path: string,
  options: StoreOptions,
): EventStore<E> & Pick<LmdbEventStore, 'backup'> {
  const logger = reporterOf(options.logger);
  const env = openReadOnlyEnv(path, logger);
  try {
    assertLog(env, path);
    const log = createLmdbEventLog({
      env,
      ...openTables(env, DEFAULT_BUCKETS),
      logger,
      release: () => env.close(),
      isReadOnly: true,
    });
    const { store } = assembleStore<E>(log, { ...options, gcAgeThreshold: 0 });
    return { ...store, backup: (file) => log.backup(file, {}) };
  } catch (cause) {
    void env.close();
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot open '${path}': ${(cause as Error).message}`, { cause });
  }
}
