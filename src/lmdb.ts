/**
 * The durable store: one LMDB file, no server.
 *
 * @module rx-watcher/lmdb
 */
export { inspectLmdbFile } from './stores/lmdb/inspect-lmdb-file.ts';
export type { LmdbEventStore } from './stores/lmdb/lmdb-event-store.ts';
export { type LmdbEnvOptions, openLmdbEnv } from './stores/lmdb/open-lmdb-env.ts';
export { type LmdbStoreOptions, openLmdbStore } from './stores/lmdb/open-lmdb-store.ts';
