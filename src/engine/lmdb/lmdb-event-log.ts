import type { Database, RootDatabase } from 'lmdb';
import { defer, of } from 'rxjs';
import { DeserializationError, LeaseLostError, StoreError } from '../../errors.ts';
import { clearInterval, setInterval } from '../../scheduling/clock.ts';
import type { Reporter } from '../../store/reporting/logger.ts';
import type { NewDeadLetter } from '../contract/dead-letter-table.ts';
import type { EventLog, TrimRequest, TrimResult } from '../contract/event-log.ts';
import { createCheckpointQueue } from './append/checkpoint-queue.ts';
import { createGroupCommit } from './append/group-commit.ts';
import { type AppendWithin, runTransaction } from './append/transaction.ts';
import { createWriteQueue } from './append/write-queue.ts';
import { scanChunks } from './chunks/scan-chunks.ts';
import { backupEnv } from './file/backup.ts';
import { createDataFileIdentity } from './file/data-file-identity.ts';
import { watchAppends } from './notify/append-watcher.ts';
import { watchReleases } from './notify/watch-releases.ts';
import type { FileOptions } from './open/data-directory.ts';
import { dataFileOf, isOpen, lockFileOf } from './open/env-state.ts';
import { checkpointKey } from './tables/checkpoint-key.ts';
import { createDeadLettersTable } from './tables/dead-letters-table.ts';
import { createEventsTable } from './tables/events-table.ts';
import { createLeasesTable, type LeaseDatabase } from './tables/leases-table.ts';
import { type CheckpointWrite, createLowestCheckpoint } from './tables/lowest-checkpoint.ts';
import { tableVersion } from './tables/table-version.ts';

/** What an LMDB log is made of. */
export interface LmdbParts {
  /** The environment. */
  readonly env: RootDatabase;
  /** Chunks by the number of their last record. */
  readonly events: Database<Buffer, number>;
  /** The name of their sub-database. */
  readonly eventsBucket: string;
  /** The rows that conditions of writes compare. */
  readonly versions: Database<Buffer, string>;
  /** Sequence numbers by watcher id. */
  readonly checkpointTable: Database<number, string>;
  /** The name of their sub-database. */
  readonly checkpointBucket: string;
  /** Dead letters by watcher and event. */
  readonly letterTable: Database<Buffer, Buffer>;
  /** Leases by watcher. */
  readonly leaseTable: LeaseDatabase;
  /** The name of their sub-database. */
  readonly leaseBucket: string;
  /** Where it warns. */
  readonly logger: Reporter;
  /** Lets go of the environment, if it is the log's own. */
  readonly release: () => Promise<void>;
}

/** An engine in the application's own process, and in its own environment. */
export interface LmdbEventLog extends EventLog {
  /** Does synchronous work, and the appends that it makes, in one write transaction. */
  transact<R>(work: (append: AppendWithin) => R): Promise<R>;
  /** Copies the environment as it is at this moment, without its free pages. */
  backup(path: string, options: FileOptions): Promise<void>;
}

/** Time between two looks at the files of an environment, in milliseconds. */
const FILE_INTERVAL = 2000;

/** The pages of a table, in bytes. */
function tableBytes(table: Database): number {
  const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = table.getStats() as TableStats;
  return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
}

/** What lmdb-js tells of a table; its types do not. */
type TableStats = Readonly<
  Record<'pageSize' | 'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages', number>
>;

/** The log in an LMDB environment: chunks of packed records in one table, checkpoints in another. */
export function createLmdbEventLog({
  env,
  events,
  eventsBucket,
  versions,
  checkpointTable,
  checkpointBucket,
  letterTable,
  leaseTable,
  leaseBucket,
  logger,
  release,
}: LmdbParts): LmdbEventLog {
  const table = createEventsTable(events, tableVersion(versions, eventsBucket));
  const letters = createDeadLettersTable(letterTable);
  const leases = createLeasesTable(leaseTable, versions, leaseBucket);
  const checkpoints = createLowestCheckpoint(
    checkpointTable,
    tableVersion(versions, `${checkpointBucket}\0lowered`),
  );

  const identity = createDataFileIdentity(dataFileOf(env), lockFileOf(env));
  let fault: StoreError | undefined;
  /** Looks whether the files are still those that LMDB has open: before each write, after one of others, and at times. */
  const fileFault = (): StoreError | undefined => {
    fault ??= identity.check();
    return fault;
  };
  const fileTimer = setInterval(fileFault, FILE_INTERVAL).unref();

  /** lmdb-js keeps a read transaction until the event loop turns: each read is to see what is there now. */
  const fresh = <T>(read: () => T): T => {
    // An application may close its environment under the store.
    if (!isOpen(env)) throw new StoreError('the environment is closed');
    if (fault !== undefined) throw fault;
    try {
      env.resetReadTxn();
      return read();
    } catch (cause) {
      if (cause instanceof DeserializationError) throw cause;
      throw new StoreError(`the read failed: ${(cause as Error).message}`, { cause });
    }
  };
  const reading = <T>(read: () => T) => defer(() => of(fresh(read)));

  const writes = createWriteQueue(env, logger, fileFault);
  const writeCheckpoint = createCheckpointQueue(env, checkpoints, writes);
  const copies = new Set<Promise<void>>();
  const own = {
    isWriting: writes.isBusy,
    isAppending: () => appender.isBusy(),
    commits: () => appender.commits(),
  };
  const latest = () => {
    fileFault();
    return fresh(table.bounds).latest;
  };
  const growth = watchAppends(env, latest, own, logger);
  const appender = createGroupCommit(env, writes, table, growth.advanceTo);

  const trim = ({
    maxSeqNum,
    maxTimestamp,
    respectCheckpoints,
    lowWatermark,
    maxRecords,
  }: TrimRequest): TrimResult => {
    // A process that was killed while it read would keep all that is let go of from being used again.
    env.readerCheck();
    const { oldest } = table.bounds();
    const young =
      maxTimestamp === Number.POSITIVE_INFINITY
        ? maxTimestamp
        : table.seqNumForTimestamp(Math.floor(maxTimestamp) + 1);
    const bound = Math.min(maxSeqNum, lowWatermark?.() ?? maxSeqNum, young - 1, oldest - 1 + maxRecords);
    return table.trim(respectCheckpoints ? checkpoints.below(bound) : bound);
  };

  /** Writes several entries in one transaction, on the condition that the token of the watcher is still `fence`. */
  const fenced = async (watcherId: string, fence: number | undefined, write: () => void): Promise<void> => {
    const isHeld = await writes.run(() =>
      fence === undefined ? env.batch(write) : leases.ifFence(watcherId, fence, write),
    );
    if (isHeld) return;
    const newest = fresh(() => leases.get(watcherId))?.token ?? 'none';
    throw new LeaseLostError(watcherId, fence as number, `the newest is ${newest}`);
  };

  const checkpointWrite = (watcherId: string, seqNum: number): CheckpointWrite =>
    fresh(() => checkpoints.writeOf(watcherId, seqNum));
  const storeLetter = async (letter: NewDeadLetter): Promise<void> => {
    const { watcherId, seqNum, checkpoint, fence } = letter;
    const value = fresh(() => letters.encode(letter, table.recordOf(seqNum)));
    const progress = checkpoint === undefined ? undefined : checkpointWrite(watcherId, checkpoint);
    await fenced(watcherId, fence, () => {
      letters.put(letter, value);
      void progress?.put();
    });
    progress?.written();
  };
  const storeFenced = async (watcherId: string, seqNum: number, fence: number): Promise<void> => {
    const write = checkpointWrite(watcherId, seqNum);
    await fenced(watcherId, fence, () => void write.put());
    write.written();
  };

  return {
    appended$: growth.appended$,
    append: appender.append,

    async importRecords(after, records) {
      const isRestored = await writes.transact(() => table.importRecords(after, records));
      growth.look();
      return isRestored;
    },

    read: (request) =>
      reading(() => {
        const { chunks, oldest, latest } = table.chunksAfter(request.after);
        const after = Math.max(request.after, oldest - 1);
        // The scan stands last: what is added behind a spread has a shape of its own each time (decision 17).
        return { oldest, latest, ...scanChunks(chunks, { ...request, after }) };
      }),
    bounds: () => reading(table.bounds),
    seqNumForTimestamp: (timestamp) => reading(() => table.seqNumForTimestamp(timestamp)),
    trim: (request) => writes.transact(() => trim(request)),
    compact: (maxRecords) => writes.transact(() => table.compact(maxRecords)),
    bytes: () => reading(() => tableBytes(events)),

    storeCheckpoint: (watcherId, seqNum, fence) =>
      fence === undefined ? writeCheckpoint(watcherId, seqNum) : storeFenced(watcherId, seqNum, fence),
    getCheckpoint: (watcherId) => reading(() => checkpointTable.get(checkpointKey(watcherId))),
    checkpoints: () => reading(checkpoints.all),
    deleteCheckpoint: (watcherId) => writeCheckpoint(watcherId, undefined),

    deadLetters: {
      store: storeLetter,
      read: (watcherId) => reading(() => letters.of(watcherId)),
      async delete(watcherId, seqNum) {
        await writes.run(() => letters.remove(watcherId, seqNum));
      },
    },

    leases: {
      get: (watcherId) => reading(() => leases.get(watcherId)),
      store: (watcherId, draft, revision) => writes.run(() => leases.put(watcherId, draft, revision)),
      released$: watchReleases(env, () => fresh(leases.lastRelease), logger),
    },

    async transact(work) {
      const result = await runTransaction(writes, table, work);
      growth.look();
      return result;
    },
    async backup(path, options) {
      const copy = backupEnv(env, path, options, logger);
      copies.add(copy);
      await copy.finally(() => copies.delete(copy));
    },

    async close() {
      clearInterval(fileTimer);
      growth.end();
      await appender.settled();
      await Promise.allSettled([writes.settled(), ...copies]);
      await release();
    },
  };
}
