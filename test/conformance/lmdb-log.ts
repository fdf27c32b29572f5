import { open } from 'lmdb';
import type { EventLog } from 'rx-watcher';
import { createLmdbEventLog } from '../../src/stores/lmdb/lmdb-event-log.ts';
import { openVersions } from '../../src/stores/lmdb/version-rows.ts';
import { silent } from '../silent.ts';

/** Opens an LMDB environment as a store on a path does. */
export const openEnv = (path: string) =>
  open({
    path,
    noSubdir: true,
    overlappingSync: false,
    eventTurnBatching: false,
    strictAsyncOrder: true,
  });

/** Opens the engine of a store on a path, without the store. */
export function openLmdbLog(path: string): EventLog {
  const env = openEnv(path);
  return createLmdbEventLog({
    env,
    events: env.openDB({ name: 'events', encoding: 'binary' }),
    eventsBucket: 'events',
    versions: openVersions(env),
    checkpointTable: env.openDB({ name: 'checkpoints', encoding: 'json' }),
    letterTable: env.openDB({ name: 'deadLetters', encoding: 'binary', keyEncoding: 'binary' }),
    leaseTable: env.openDB({ name: 'leases', encoding: 'json' }),
    leaseBucket: 'leases',
    logger: silent,
    release: () => env.close(),
  });
}
