import type { RootDatabase } from 'lmdb';
import type { LowestCheckpoint } from '../tables/lowest-checkpoint.ts';
import type { WriteQueue } from './write-queue.ts';

/** Checkpoints of one write: sequence numbers by watcher id. `undefined` deletes the checkpoint. */
type Checkpoints = Map<string, number | undefined>;

/**
 * Creates the function that writes checkpoints.
 *
 * Checkpoints that are stored in a row become one write of the queue, until that write starts or another one is requested.
 * LMDB commits them together anyway. Without the grouping, each of ten thousand watchers would have its own Promises and
 * timer.
 *
 * @returns Function that stores the checkpoint of a watcher, or deletes it. It resolves when the change is durable.
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
      // lmdb-js returns one Promise for all writes of a transaction, unless it begins another transaction in between.
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
      // If the write was rejected before it began, the next checkpoint must start a new one.
      if (pending === checkpoints) pending = undefined;
    }
  };
  return (watcherId, seqNum) => {
    if (pending === undefined || writes.requestCount() !== requestCount) {
      pending = new Map();
      written = write(pending);
      // `write` is counted synchronously and begins later. A higher count therefore means that another write came after it.
      requestCount = writes.requestCount();
    }
    pending.set(watcherId, seqNum);
    return written;
  };
}
