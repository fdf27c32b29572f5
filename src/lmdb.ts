/**
 * Durable event store in one LMDB file, without a server.
 *
 * @module rx-watcher/lmdb
 */
export { inspectLmdbFile } from './engine/lmdb/file/inspect-lmdb-file.ts';
export type { LmdbEventStore } from './engine/lmdb/lmdb-event-store.ts';
export { type LmdbEnvOptions, openLmdbEnv } from './engine/lmdb/open/open-lmdb-env.ts';
export {
  type LmdbStoreOptions,
  type LmdbTableOptions,
  openLmdbStore,
} from './engine/lmdb/open-lmdb-store.ts';
