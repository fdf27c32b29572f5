import { LeaseLostError } from '../../../errors.ts';
import type { LogTransaction } from '../../contract/event-log.ts';
import type { LmdbDeadLettersTable } from '../tables/dead-letters-table.ts';
import type { EventsTable } from '../tables/events-table.ts';
import type { LmdbLeasesTable } from '../tables/leases-table.ts';
import type { CheckpointWrite, LowestCheckpoint } from '../tables/lowest-checkpoint.ts';
import type { AppendBatch } from './append-batch.ts';
import type { GroupCommit } from './transaction-group.ts';
import type { WriteQueue } from './write-queue.ts';

/** Tables that a transaction writes, and the queue of its environment. */
export interface TransactionTables {
  readonly writes: WriteQueue;
  readonly events: EventsTable;
  readonly checkpoints: LowestCheckpoint;
  readonly leases: LmdbLeasesTable;
  readonly deadLetters: LmdbDeadLettersTable;
}

/** Runs transactions of the application. */
export type RunTransaction = <R>(work: (transaction: LogTransaction) => R) => Promise<R>;

/**
 * Creates the transactions of a log. Each transaction calls a function of the application in a write transaction of LMDB,
 * which includes the writes of its `LogTransaction`.
 *
 * Transactions that share a commit also share the batch of their events, which is written after the last function. A
 * function therefore reads only committed events, so that no reader caches an event that a later function rolls back.
 *
 * The function must be synchronous. Otherwise, other reads and writes of the process would become part of the open
 * transaction, and these reads would return data that can still be rolled back.
 *
 * If the function or the commit fails, nothing is stored.
 *
 * @throws The error of `work`, unchanged.
 */
export function createTransactions({
  writes,
  events,
  checkpoints,
  leases,
  deadLetters,
}: TransactionTables): RunTransaction {
  const batches = new WeakMap<GroupCommit, AppendBatch>();

  const batchOf = (commit: GroupCommit): AppendBatch => {
    const shared = batches.get(commit);
    if (shared !== undefined) return shared;
    const batch = events.createBatch(events.end());
    batches.set(commit, batch);
    commit.beforeEnd(() => batch.write());
    return batch;
  };
  const assertFence = (watcherId: string, fence: number | undefined): void => {
    const newest = leases.get(watcherId)?.token;
    if (fence === undefined || fence === newest) return;
    throw new LeaseLostError(watcherId, fence, `the newest is ${newest ?? 'none'}`);
  };
  return async (work) => {
    let stored: CheckpointWrite[] = [];
    const result = await writes.transactInGroup((commit) => {
      // The group calls this function again if a later function in the same commit throws.
      stored = [];
      return work({
        append: (newRecords, now) => batchOf(commit).add({ newRecords, now }),
        storeCheckpoint(watcherId, seqNum, fence) {
          assertFence(watcherId, fence);
          const write = checkpoints.createWrite(watcherId, seqNum);
          void write.put();
          stored.push(write);
        },
        deleteDeadLetter(watcherId, seqNum, fence, partitionId = watcherId) {
          assertFence(partitionId, fence);
          void deadLetters.remove(watcherId, seqNum);
        },
      });
    });
    for (const write of stored) write.onDurable();
    return result;
  };
}
