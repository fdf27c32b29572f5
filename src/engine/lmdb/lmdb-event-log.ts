import { statSync } from 'node:fs';
import type { Database, RootDatabase } from 'lmdb';
import { defer, of } from 'rxjs';
import { DeserializationError, LeaseLostError, StoreError } from '../../errors.ts';
import { clearInterval, setInterval } from '../../scheduling/clock.ts';
import type { Reporter } from '../../store/reporting/logger.ts';
import type { NewDeadLetter } from '../contract/dead-letter-table.ts';
import type { EventLog, TrimRequest, TrimResult } from '../contract/event-log.ts';
import { createCheckpointQueue } from './append/checkpoint-queue.ts';
import { createGroupCommit } from './append/group-commit.ts';
import { createTransactions } from './append/transaction.ts';
import { createWriteQueue } from './append/write-queue.ts';
import { scanChunks } from './chunks/scan-chunks.ts';
import { backupEnv } from './file/backup.ts';
import { createDataFileIdentity } from './file/data-file-identity.ts';
import { watchAppends } from './notify/append-watcher.ts';
import { watchReleases } from './notify/watch-releases.ts';
import type { FileOptions } from './open/data-directory.ts';
import { dataFileOf, isInTransaction, isOpen, lockFileOf } from './open/env-state.ts';
import { checkpointKey } from './tables/checkpoint-key.ts';
import { createDeadLettersTable } from './tables/dead-letters-table.ts';
import { createEventsTable } from './tables/events-table.ts';
import { createIdIndex, type IdDatabase } from './tables/id-index.ts';
import { createLeasesTable, type LeaseDatabase } from './tables/leases-table.ts';
import { type CheckpointWrite, createLowestCheckpoint } from './tables/lowest-checkpoint.ts';
import { createReportsTable, type ReportDatabase } from './tables/reports-table.ts';
import { tableVersion } from './tables/table-version.ts';

/** Sub-databases and other dependencies of an LMDB log. */
export interface LmdbLogDependencies {
  readonly env: RootDatabase;
  /** Chunks by the sequence number of their last record. */
  readonly events: Database<Buffer, number>;
  /** Name of the sub-database of events. */
  readonly eventsBucket: string;
  /** Sequence numbers of events, by log and event id. */
  readonly ids: IdDatabase;
  /** Versions that conditional writes compare, see `TableVersion`. */
  readonly versions: Database<Buffer, string>;
  /** Checkpoints by watcher id. */
  readonly checkpointTable: Database<number, string>;
  /** Name of the sub-database of checkpoints. */
  readonly checkpointBucket: string;
  /** Dead letters by watcher id and sequence number. */
  readonly deadLetterTable: Database<Buffer, Buffer>;
  /** Leases by watcher id. */
  readonly leaseTable: LeaseDatabase;
  /** Name of the sub-database of leases. */
  readonly leaseBucket: string;
  /** Reports of the managers of all logs of the environment. */
  readonly reports: ReportDatabase;
  readonly logger: Reporter;
  /** Closes the environment, unless it belongs to the application. */
  readonly release: () => Promise<void>;
  /** Whether the environment is open for reading only. Every write is then rejected with a `StoreError`. */
  readonly isReadOnly?: boolean;
}

export interface LmdbEventLog extends EventLog {
  /** Copies a snapshot of the environment to a file, without free pages. */
  backup(path: string, options: FileOptions): Promise<void>;
}

/** Time between two checks of the files of an environment, in milliseconds. */
const FILE_CHECK_INTERVAL = 2000;

/** Returns the size of the pages of a table, in bytes. */
function tableBytes(table: Database): number {
  const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = table.getStats() as TableStats;
  return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
}

/** Statistics of a table. The types of lmdb-js do not declare these fields. */
type TableStats = Readonly<
  Record<'pageSize' | 'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages', number>
>;

export function createLmdbEventLog({
  env,
  events,
  eventsBucket,
  ids,
  versions,
  checkpointTable,
  checkpointBucket,
  deadLetterTable,
  leaseTable,
  leaseBucket,
  reports: allReports,
  logger,
  release,
  isReadOnly = false,
}: LmdbLogDependencies): LmdbEventLog {
  const table = createEventsTable(
    events,
    createIdIndex(ids, eventsBucket),
    tableVersion(versions, eventsBucket),
  );
  const deadLetters = createDeadLettersTable(deadLetterTable);
  const reports = createReportsTable(allReports, `${eventsBucket}\0${checkpointBucket}`);
  const leases = createLeasesTable(leaseTable, versions, leaseBucket);
  const checkpoints = createLowestCheckpoint(
    checkpointTable,
    tableVersion(versions, `${checkpointBucket}\0lowered`),
    () => isInTransaction(env),
  );

  const identity = createDataFileIdentity(dataFileOf(env), lockFileOf(env));
  let fault: StoreError | undefined;
  /**
   * Checks that the data file and the lock file are still the files that LMDB has opened. Called before each write, after
   * each write of another process, and every 2 s.
   */
  const fileFault = (): StoreError | undefined => {
    fault ??= identity.check();
    return fault;
  };
  const fileTimer = setInterval(fileFault, FILE_CHECK_INTERVAL).unref();

  /** Reads the state after the last commit, even if another process has committed. */
  const readNow = <T>(read: () => T): T => {
    // An application can close its environment while the store is open.
    if (!isOpen(env)) throw new StoreError('the environment is closed');
    if (fault !== undefined) throw fault;
    try {
      // lmdb-js reuses a read transaction until the next turn of the event loop. Without the reset, this read could return
      // an outdated state.
      env.resetReadTxn();
      return read();
    } catch (cause) {
      if (cause instanceof DeserializationError) throw cause;
      throw new StoreError(`the read failed: ${(cause as Error).message}`, { cause });
    }
  };
  const read$ = <T>(read: () => T) => defer(() => of(readNow(read)));

  const writeFault = () => (isReadOnly ? new StoreError('the store is open for reading only') : fileFault());
  const writes = createWriteQueue(env, logger, writeFault);
  const writeCheckpoint = createCheckpointQueue(env, checkpoints, writes);
  const runTransaction = createTransactions({ writes, events: table, checkpoints, leases, deadLetters });
  const backups = new Set<Promise<void>>();
  const ownWrites = {
    isWriting: writes.isBusy,
    isAppending: () => appender.isBusy(),
    commits: () => appender.commits(),
  };
  const latest = () => {
    fileFault();
    return readNow(table.bounds).latest;
  };
  const appendWatcher = watchAppends(env, latest, ownWrites, logger);
  const appender = createGroupCommit(env, writes, table, appendWatcher.advanceTo);

  const trim = ({
    maxSeqNum,
    maxTimestamp,
    respectCheckpoints,
    lowWatermark,
    maxRecords,
  }: TrimRequest): TrimResult => {
    // Remove the reader entries of killed processes, because these entries would prevent the reuse of deleted pages.
    env.readerCheck();
    const { oldest } = table.bounds();
    const firstTooNew =
      maxTimestamp === Number.POSITIVE_INFINITY
        ? maxTimestamp
        : table.seqNumForTimestamp(Math.floor(maxTimestamp) + 1);
    const bound = Math.min(
      maxSeqNum,
      lowWatermark?.() ?? maxSeqNum,
      firstTooNew - 1,
      oldest - 1 + maxRecords,
    );
    return table.trim(respectCheckpoints ? checkpoints.lowestUpTo(bound) : bound);
  };

  /**
   * Writes several entries in one transaction. If `fence` is given and is not the newest token of the watcher, writes nothing
   * and throws a `LeaseLostError`.
   */
  const writeFenced = async (
    watcherId: string,
    fence: number | undefined,
    write: () => void,
  ): Promise<void> => {
    const isHeld = await writes.run(() =>
      fence === undefined ? env.batch(write) : leases.ifFence(watcherId, fence, write),
    );
    if (isHeld) return;
    const newest = readNow(() => leases.get(watcherId))?.token ?? 'none';
    throw new LeaseLostError(watcherId, fence as number, `the newest is ${newest}`);
  };

  const createCheckpointWrite = (watcherId: string, seqNum: number): CheckpointWrite =>
    readNow(() => checkpoints.createWrite(watcherId, seqNum));
  const storeDeadLetter = async (deadLetter: NewDeadLetter): Promise<void> => {
    const { watcherId, partitionId = watcherId, seqNum, checkpoint, fence } = deadLetter;
    const value = readNow(() => deadLetters.encode(deadLetter, table.recordOf(seqNum)));
    const write = checkpoint === undefined ? undefined : createCheckpointWrite(partitionId, checkpoint);
    await writeFenced(partitionId, fence, () => {
      deadLetters.put(deadLetter, value);
      void write?.put();
    });
    write?.onDurable();
  };
  const storeFencedCheckpoint = async (watcherId: string, seqNum: number, fence: number): Promise<void> => {
    const write = createCheckpointWrite(watcherId, seqNum);
    await writeFenced(watcherId, fence, () => void write.put());
    write.onDurable();
  };

  return {
    engine: 'lmdb',
    appended$: appendWatcher.appended$,
    append: appender.append,

    async importRecords(after, records) {
      const isImported = await writes.transact(() => table.importRecords(after, records));
      appendWatcher.check();
      return isImported;
    },

    read: (request) =>
      read$(() => {
        const { chunks, oldest, latest } = table.chunksAfter(request.after);
        const after = Math.max(request.after, oldest - 1);
        // The spread is last, because V8 would give each object with properties after a spread a separate shape (decision
        // 17).
        return { oldest, latest, ...scanChunks(chunks, { ...request, after }) };
      }),
    bounds: () => read$(table.bounds),
    seqNumForTimestamp: (timestamp) => read$(() => table.seqNumForTimestamp(timestamp)),
    trim: (request) => writes.transact(() => trim(request)),
    compact: (maxRecords) => writes.transact(() => table.compact(maxRecords)),
    bytes: () => read$(() => tableBytes(events)),
    fileBytes: () => read$(() => statSync(dataFileOf(env)).size),

    storeCheckpoint: (watcherId, seqNum, fence) =>
      fence === undefined
        ? writeCheckpoint(watcherId, seqNum)
        : storeFencedCheckpoint(watcherId, seqNum, fence),
    getCheckpoint: (watcherId) => read$(() => checkpointTable.get(checkpointKey(watcherId))),
    checkpoints: () => read$(checkpoints.all),
    deleteCheckpoint: (watcherId) => writeCheckpoint(watcherId, undefined),

    deadLetters: {
      store: storeDeadLetter,
      read: (watcherId) => read$(() => deadLetters.read(watcherId)),
      count: (watcherIds) => read$(() => deadLetters.count(watcherIds)),
      async delete(watcherId, seqNum) {
        await writes.run(() => deadLetters.remove(watcherId, seqNum));
      },
    },

    leases: {
      get: (watcherId) => read$(() => leases.get(watcherId)),
      all: () => read$(leases.all),
      store: (watcherId, lease, revision) => writes.run(() => leases.put(watcherId, lease, revision)),
      released$: watchReleases(env, () => readNow(leases.releaseMarker), logger),
    },

    reports: {
      async store(managerId, report) {
        await writes.run(() => reports.put(managerId, report));
      },
      read: () => read$(reports.read),
      async delete(managerId) {
        await writes.run(() => reports.remove(managerId));
      },
    },

    async transact(work) {
      const result = await runTransaction(work);
      appendWatcher.check();
      return result;
    },
    async backup(path, options) {
      const backup = backupEnv(env, path, options, logger);
      backups.add(backup);
      await backup.finally(() => backups.delete(backup));
    },

    async close() {
      clearInterval(fileTimer);
      appendWatcher.stop();
      await appender.settled();
      await Promise.allSettled([writes.settled(), ...backups]);
      await release();
    },
  };
}
