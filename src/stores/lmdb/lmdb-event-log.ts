import type { Database, RootDatabase } from 'lmdb';
import { defer, of } from 'rxjs';
import { DeserializationError, StoreError } from '../../errors.ts';
import type { TrimRequest } from '../../retention/next-trim.ts';
import type { LetterDraft } from '../../store/dead-letter-log.ts';
import type { EventLog, Trimmed } from '../../store/event-log.ts';
import type { Logger } from '../../store/logger.ts';
import { createAppender } from './appender.ts';
import { checkpointKey } from './checkpoint-key.ts';
import { createCheckpointWrites } from './checkpoint-writes.ts';
import { copyEnv } from './copy-env.ts';
import type { Generation } from './generation.ts';
import { watchGrowth } from './growth.ts';
import { createLeaseTable, type LeaseDatabase } from './lease-table.ts';
import { createLetterTable } from './letter-table.ts';
import { createLogTable } from './log-table.ts';
import { scanChunks } from './read-chunks.ts';
import { type AppendWithin, transact } from './transact.ts';
import { watchReleases } from './watch-releases.ts';
import { createWrites } from './writes.ts';

/** What an LMDB log is made of. */
export interface LmdbParts {
  /** The environment. */
  readonly env: RootDatabase;
  /** Chunks by the number of their last record. */
  readonly events: Database<Buffer, number>;
  /** The row of their generation. */
  readonly generation: Generation;
  /** Sequence numbers by watcher id. */
  readonly checkpointTable: Database<number, string>;
  /** Dead letters by watcher and event. */
  readonly letterTable: Database<Buffer, Buffer>;
  /** Leases by watcher. */
  readonly leaseTable: LeaseDatabase;
  /** Where it warns. */
  readonly logger: Logger;
  /** Lets go of the environment, if it is the log's own. */
  readonly release: () => Promise<void>;
}

/** An engine in the application's own process, and in its own environment. */
export interface LmdbEventLog extends EventLog {
  /** Does synchronous work, and the appends that it makes, in one write transaction. */
  transact<R>(work: (append: AppendWithin) => R): Promise<R>;
  /** Copies the environment as it is at this moment, without its free pages. */
  backup(path: string): Promise<void>;
}

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
  generation,
  checkpointTable,
  letterTable,
  leaseTable,
  logger,
  release,
}: LmdbParts): LmdbEventLog {
  const table = createLogTable(events, generation);
  const letters = createLetterTable(letterTable);
  const leases = createLeaseTable(leaseTable);

  /** lmdb-js keeps a read transaction until the event loop turns: each read is to see what is there now. */
  const fresh = <T>(read: () => T): T => {
    try {
      env.resetReadTxn();
      return read();
    } catch (cause) {
      if (cause instanceof DeserializationError) throw cause;
      throw new StoreError(`the read failed: ${(cause as Error).message}`, { cause });
    }
  };
  const reading = <T>(read: () => T) => defer(() => of(fresh(read)));

  const writes = createWrites(env);
  const writeCheckpoint = createCheckpointWrites(checkpointTable, writes);
  const copies = new Set<Promise<void>>();
  const own = {
    isWriting: writes.isBusy,
    isAppending: () => appender.isBusy(),
    commits: () => appender.commits(),
  };
  const growth = watchGrowth(env, () => fresh(table.bounds).latest, own, logger);
  const appender = createAppender(env, writes, table, growth.reach);

  const trim = ({ upTo, notAfter, heedCheckpoints, released, maxRecords }: TrimRequest): Trimmed => {
    // A process that was killed while it read would keep all that is let go of from being used again.
    env.readerCheck();
    const { oldest } = table.bounds();
    const young = notAfter === Number.POSITIVE_INFINITY ? notAfter : table.firstAt(Math.floor(notAfter) + 1);
    const held = heedCheckpoints ? [...checkpointTable.getRange()].map(({ value }) => value) : [];
    return table.trim(Math.min(upTo, released?.() ?? upTo, young - 1, oldest - 1 + maxRecords, ...held));
  };

  const keepLetter = (letter: LetterDraft): void => {
    const { watcherId, seqNum, checkpoint } = letter;
    letters.put(letter, table.recordOf(seqNum));
    if (checkpoint !== undefined) void checkpointTable.put(checkpointKey(watcherId), checkpoint);
  };

  /** Looks at the token and writes in one transaction: a refusal is returned by that, so that it is no failure of it. */
  const fenced = async (watcherId: string, fence: number | undefined, write: () => void): Promise<void> => {
    const loss = await writes.run(() =>
      env.childTransaction(() => {
        const refused = leases.lossOf(watcherId, fence);
        if (refused === undefined) write();
        return refused;
      }),
    );
    if (loss !== undefined) throw loss;
  };

  return {
    appended$: growth.grown$,
    justAppended: growth.justAppended,
    append: appender.append,

    async restore(after, records) {
      const isRestored = await writes.run(() => env.childTransaction(() => table.restore(after, records)));
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
    firstAt: (timestamp) => reading(() => table.firstAt(timestamp)),
    trim: (request) => writes.run(() => env.childTransaction(() => trim(request))),
    tidy: (maxRecords) => writes.run(() => env.childTransaction(() => table.repack(maxRecords))),
    bytes: () => reading(() => tableBytes(events)),

    storeCheckpoint: (watcherId, seqNum, fence) =>
      fence === undefined
        ? writeCheckpoint(watcherId, seqNum)
        : fenced(watcherId, fence, () => void checkpointTable.put(checkpointKey(watcherId), seqNum)),
    getCheckpoint: (watcherId) => reading(() => checkpointTable.get(checkpointKey(watcherId))),
    checkpoints: () =>
      reading(() => new Map([...checkpointTable.getRange()].map(({ key, value }) => [key, value]))),
    deleteCheckpoint: (watcherId) => writeCheckpoint(watcherId, undefined),

    deadLetters: {
      store: (letter) => fenced(letter.watcherId, letter.fence, () => keepLetter(letter)),
      read: (watcherId) => reading(() => letters.of(watcherId)),
      delete: (watcherId, seqNum) =>
        writes.run(() => env.childTransaction(() => letters.remove(watcherId, seqNum))),
    },

    leases: {
      get: (watcherId) => reading(() => leases.get(watcherId)),
      store: (watcherId, draft, revision) =>
        writes.run(() => env.childTransaction(() => leases.put(watcherId, draft, revision))),
      released$: watchReleases(env, () => fresh(leases.releases), logger),
    },

    async transact(work) {
      const result = await transact(env, writes, table, work);
      growth.look();
      return result;
    },
    async backup(path) {
      const copy = copyEnv(env, path);
      copies.add(copy);
      await copy.finally(() => copies.delete(copy));
    },

    async close() {
      growth.end();
      await appender.settled();
      await Promise.allSettled([writes.settled(), ...copies]);
      await release();
    },
  };
}
