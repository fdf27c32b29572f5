import type { RootDatabase } from 'lmdb';
import { openIds } from './id-index.ts';
import type { LeaseDatabase } from './leases-table.ts';
import { openReports } from './reports-table.ts';
import { openVersions } from './table-version.ts';

/** Names of the sub-databases of one log. */
export interface BucketNames {
  readonly eventsBucket: string;
  readonly checkpointBucket: string;
  readonly deadLetterBucket: string;
  readonly leaseBucket: string;
}

/** Default names of the sub-databases of a log. */
export const DEFAULT_BUCKETS: BucketNames = {
  eventsBucket: 'events',
  checkpointBucket: 'checkpoints',
  deadLetterBucket: 'deadLetters',
  leaseBucket: 'leases',
};

/** Opens the sub-databases of a log. Creates missing sub-databases, unless the environment is open for reading only. */
export const openTables = (env: RootDatabase, names: BucketNames) => ({
  events: env.openDB<Buffer, number>({ name: names.eventsBucket, encoding: 'binary' }),
  eventsBucket: names.eventsBucket,
  ids: openIds(env),
  versions: openVersions(env),
  checkpointTable: env.openDB<number, string>({ name: names.checkpointBucket, encoding: 'json' }),
  checkpointBucket: names.checkpointBucket,
  deadLetterTable: env.openDB<Buffer, Buffer>({
    name: names.deadLetterBucket,
    encoding: 'binary',
    keyEncoding: 'binary',
  }),
  leaseTable: env.openDB({ name: names.leaseBucket, encoding: 'json' }) as LeaseDatabase,
  leaseBucket: names.leaseBucket,
  reports: openReports(env),
});
