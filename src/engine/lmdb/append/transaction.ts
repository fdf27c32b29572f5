import { LeaseLostError } from '../../../errors.ts';
import type { LogTransaction } from '../../contract/event-log.ts';
import type { LmdbDeadLettersTable } from '../tables/dead-letters-table.ts';
import type { EventsTable } from '../tables/events-table.ts';
import type { LmdbLeasesTable } from '../tables/leases-table.ts';
import type { CheckpointWrite, LowestCheckpoint } from '../tables/lowest-checkpoint.ts';
import type { AppendBatch } from './append-batch.ts';
import type { WriteQueue } from './write-queue.ts';

/** Tables that a transaction writes, and the queue of its environment. */
export interface TransactionTables {
  readonly writes: WriteQueue;
  readonly events: EventsTable;
  readonly checkpoints: LowestCheckpoint;
  readonly leases: LmdbLeasesTable;
  readonly deadLetters: LmdbDeadLettersTable;
}

/**
 * Calls a function of the application in one write transaction, which includes the writes of its `LogTransaction`.
 *
 * The function must be synchronous. Otherwise other reads and writes of the process would become part of the open
 * transaction. Reads would then return data that can still be rolled back.
 *
 * If the function or the commit fails, nothing is stored.
 *
 * @throws The error of `work`, unchanged.
 */
export async function runTransaction<R>(
  { writes, events, checkpoints, leases, deadLetters }: TransactionTables,
  work: (transaction: LogTransaction) => R,
): Promise<R> {
  let stored: CheckpointWrite[] = [];

  const assertFence = (watcherId: string, fence: number | undefined): void => {
    const newest = leases.get(watcherId)?.token;
    if (fence === undefined || fence === newest) return;
    throw new LeaseLostError(watcherId, fence, `the newest is ${newest ?? 'none'}`);
  };
  const result = await writes.transact(() => {
    // The group calls this function again if a later function in the same commit throws.
    stored = [];
    let batch: AppendBatch | undefined;
    const returned = work({
      append(newRecords, now) {
        batch ??= events.createBatch(events.end());
        return batch.add({ newRecords, now });
      },
      storeCheckpoint(watcherId, seqNum, fence) {
        assertFence(watcherId, fence);
        const write = checkpoints.createWrite(watcherId, seqNum);
        void write.put();
        stored.push(write);
      },
      deleteDeadLetter(watcherId, seqNum, fence) {
        assertFence(watcherId, fence);
        void deadLetters.remove(watcherId, seqNum);
      },
    });
    batch?.write();
    return returned;
  });
  for (const write of stored) write.onDurable();
  return result;
}
