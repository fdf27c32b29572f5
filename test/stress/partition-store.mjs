import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPackage } from './package-under-test.mjs';

/** Opens the store of the stress test of partitions: a file, or a stream with a copy on each server. */
export async function openSharedStore({ package: directory, engine, path, servers, logger }) {
  const rx = await loadPackage(directory);
  if (engine === 'lmdb') return { rx, store: rx.openLmdbStore({ path, logger }) };
  const { openJetStreamStore } = await import(pathToFileURL(join(resolve(directory), 'jetstream.js')).href);
  return {
    rx,
    store: await openJetStreamStore({ servers, stream: 'events', replicas: servers.length, logger }),
  };
}
