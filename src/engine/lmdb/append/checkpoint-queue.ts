import type { RootDatabase } from 'lmdb';
import type { LowestCheckpoint } from '../tables/lowest-checkpoint.ts';
import type { WriteQueue } from './write-queue.ts';

/** Checkpoints that are written together: sequence numbers by watcher id; `undefined` forgets one. */
type Checkpoints = Map<string, number | undefined>;

/**
 * Writes checkpoints. Those that are stored one behind the other, with no other write in between and none of them begun, are
 * watched over as the one write that LMDB makes of them: of ten thousand watchers each would have Promises and a timer of
 * its own otherwise.
 *
 * @returns What stores one, or forgets it, and resolves once that is durable.
 */
export function createCheckpointQueue(
  env: RootDatabase,
  table: LowestCheckpoint,
  writes: WriteQueue,
): (watcherId: string, seqNum: number | undefined) => Promise<void> {
  let waiting: Checkpoints | undefined;
  let written: Promise<void>;
  let asked = 0;

  const write = async (checkpoints: Checkpoints): Promise<void> => {
    const put = async () => {
      if (waiting === checkpoints) waiting = undefined;
      // lmdb-js has one Promise for all writes of a transaction, unless it comes to begin another one in between.
      const puts = new Set<Promise<boolean>>();
      env.resetReadTxn();
      const entries = Array.from(checkpoints, ([watcherId, seqNum]) => table.writeOf(watcherId, seqNum));
      const putAll = () => {
        for (const entry of entries) puts.add(entry.put());
      };
      if (entries.some((entry) => entry.isMarked)) puts.add(env.batch(putAll));
      else putAll();
      await Promise.all(puts);
      for (const entry of entries) entry.written();
    };
    try {
      await writes.run(put);
    } finally {
      // Where it was refused before it began, what comes next is to be refused anew.
      if (waiting === checkpoints) waiting = undefined;
    }
  };
  return (watcherId, seqNum) => {
    if (waiting === undefined || writes.asked() !== asked) {
      waiting = new Map();
      written = write(waiting);
      // It counts, and has not begun: a write is asked for at once, and begins later.
      asked = writes.asked();
    }
    waiting.set(watcherId, seqNum);
    return written;
  };
}
