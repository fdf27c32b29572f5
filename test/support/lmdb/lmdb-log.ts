import { open } from 'lmdb';
import type { EventLog } from 'rx-watcher';
import { createLmdbEventLog, type LmdbLogDependencies } from '../../../src/engine/lmdb/lmdb-event-log.ts';
import { openIds } from '../../../src/engine/lmdb/tables/id-index.ts';
import { openReports } from '../../../src/engine/lmdb/tables/reports-table.ts';
import { openVersions } from '../../../src/engine/lmdb/tables/table-version.ts';
import { silent } from '../silent-logger.ts';

/** Opens an LMDB environment as a store on a path does. */
export const openEnv = (path: string) =>
  open({
    path,
    noSubdir: true,
    overlappingSync: false,
    eventTurnBatching: false,
    strictAsyncOrder: true,
  });

/** Opens the sub-databases of the engine of a store on a path. */
export function openLmdbParts(path: string): LmdbLogDependencies {
  const env = openEnv(path);
  return {
    env,
    events: env.openDB({ name: 'events', encoding: 'binary' }),
    eventsBucket: 'events',
    ids: openIds(env),
    versions: openVersions(env),
    checkpointTable: env.openDB({ name: 'checkpoints', encoding: 'json' }),
    checkpointBucket: 'checkpoints',
    deadLetterTable: env.openDB({ name: 'deadLetters', encoding: 'binary', keyEncoding: 'binary' }),
    leaseTable: env.openDB({ name: 'leases', encoding: 'json' }),
    leaseBucket: 'leases',
    reports: openReports(env),
    logger: silent,
    release: () => env.close(),
  };
}

/** Opens the engine of a store on a path, without the store. */
export const openLmdbLog = (path: string): EventLog => createLmdbEventLog(openLmdbParts(path));
