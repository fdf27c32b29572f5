import type { RootDatabase } from 'lmdb';
import type { LowestCheckpoint } from '../tables/lowest-checkpoint.ts';
import type { WriteQueue } from './write-queue.ts';

/** Checkpoints of one write: sequence numbers by watcher id. `undefined` deletes the checkpoint. */
type Checkpoints = Map<string, number | undefined>;

/**
 * Creates the function that writes checkpoints.
 *
 * Checkpoints that are stored in direct succession share one write of the queue, until this write starts or another kind of
 * write is requested. LMDB would commit separate writes together, too, but each write needs Promises and a timer, which is
 * slow with ten thousand watchers.
 *
 * @returns Function that stores or deletes the checkpoint of a watcher. Its Promise resolves when the change is durable.
 */
export function createCheckpointQueue(
  env: RootDatabase,
  table: LowestCheckpoint,
  writes: WriteQueue,
): (watcherId: string, seqNum: number | undefined) => Promise<void> {
  let pending: Checkpoints | undefined;
  let written: Promise<void>;
  let requestCount = 0;

  const write = async (checkpoints: Checkpoints): Promise<void> => {
    const put = async () => {
      if (pending === checkpoints) pending = undefined;
      // lmdb-js returns the same Promise for all writes of a transaction. This set therefore contains one Promise, unless
      // lmdb-js begins another transaction in between.
      const puts = new Set<Promise<boolean>>();
      env.resetReadTxn();
      const entries = Array.from(checkpoints, ([watcherId, seqNum]) => table.createWrite(watcherId, seqNum));
      const putAll = () => {
        for (const entry of entries) puts.add(entry.put());
      };
      if (entries.some((entry) => entry.changesVersion)) puts.add(env.batch(putAll));
      else putAll();
      await Promise.all(puts);
      for (const entry of entries) entry.onDurable();
    };
    try {
      await writes.run(put);
    } finally {
      // If the write was rejected before it began, the next checkpoint must start a new write.
      if (pending === checkpoints) pending = undefined;
    }
  };
  return (watcherId, seqNum) => {
    if (pending === undefined || writes.requestCount() !== requestCount) {
      pending = new Map();
      written = write(pending);
      // `write` has incremented the count synchronously. If the count is higher at the next call, another kind of write was
      // requested in between.
      requestCount = writes.requestCount();
    }
    pending.set(watcherId, seqNum);
    return written;
  };
}
