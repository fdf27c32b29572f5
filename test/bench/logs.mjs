import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { requests } from './request.mjs';

const BATCH = 1000;
let opened = 0;

/** Returns an unused path in the run's directory. */
export function fresh(directory, name) {
  mkdirSync(directory, { recursive: true });
  return join(directory, `${name}-${opened++}.lmdb`);
}

/**
 * Opens a file with lmdb-js, without the library but as durable as a store: a write is acknowledged and visible only when it is
 * on the disk.
 */
export const openRaw = (path) =>
  open({ path, noSubdir: true, encoding: 'json', overlappingSync: false, eventTurnBatching: false });

/** Opens a store with default options, except the given ones. */
export const openStore = (path, options = {}) => openLmdbStore({ path, ...options });

/** Stores `count` events, a thousand at a time. */
export async function fillStore(store, count, from = 1) {
  for (let n = from; n < from + count; n += BATCH) {
    await store.storeEvents(requests(n, Math.min(BATCH, from + count - n)));
  }
  return store;
}

/** Puts `count` values, one per event, with a thousand per transaction. */
export async function fillRaw(raw, count) {
  for (let n = 1; n <= count; n += BATCH) {
    const values = requests(n, Math.min(BATCH, count + 1 - n));
    await raw.transaction(() => {
      for (const [index, value] of values.entries()) void raw.put(n + index, value);
    });
  }
  return raw;
}

/** Deletes a log's file and its lock. */
export function discard(path) {
  rmSync(path, { force: true });
  rmSync(`${path}-lock`, { force: true });
}
