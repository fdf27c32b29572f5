import { randomInt } from 'node:crypto';
import type { Database } from 'lmdb';
import { lowestOf } from '../../../store/retention/retention-policy.ts';
import { checkpointKey } from './checkpoint-key.ts';
import type { TableVersion } from './table-version.ts';

/** Marks are drawn at random, so that processes need not agree on the next one. */
const MARKS = 2 ** 48 - 1;

/**
 * Writes to the table of checkpoints, and the lowest checkpoint.
 *
 * Garbage collection must not pass a checkpoint, and an event is deleted in many transactions per run: to read all
 * checkpoints in each would take longer than the deletion. Checkpoints that go forward cannot get below the lowest one
 * that was read. Those that are new or go back write a mark in the same commit. While the mark is unchanged, one read
 * of the table is enough, whichever process writes.
 */
export interface LowestCheckpoint {
  /**
   * Returns the write of a checkpoint. Its `put` must be called in one commit, and reads nothing.
   *
   * @param seqNum - `undefined` deletes the checkpoint.
   */
  writeOf(watcherId: string, seqNum: number | undefined): CheckpointWrite;
  /** Reads all checkpoints. */
  all(): ReadonlyMap<string, number>;
  /** Returns the lowest checkpoint, or `bound` if that is lower; to be called inside a transaction. */
  below(bound: number): number;
}

/** Write of one checkpoint. */
export interface CheckpointWrite {
  /** Whether it writes two entries, which must share a transaction. */
  readonly isMarked: boolean;
  /** Makes the write. */
  put(): Promise<boolean>;
  /** Must be called when the write is durable. */
  written(): void;
}

/** Highest value that a checkpoint may have when the next write of it is committed. */
interface Asked {
  upTo: number;
}

/** Creates the writes of a table of checkpoints. */
export function createLowestCheckpoint(table: Database<number, string>, row: TableVersion): LowestCheckpoint {
  /** Writes that the table may not show yet, the last of each watcher. */
  const asked = new Map<string, Asked>();
  let known: { readonly mark: number; readonly lowest: number } | undefined;

  return {
    writeOf(watcherId, seqNum) {
      const key = checkpointKey(watcherId);
      const earlier = asked.get(watcherId)?.upTo;
      if (seqNum === undefined) {
        // Whatever is stored next is a new checkpoint, even while the table still has the old one.
        asked.set(watcherId, { upTo: Number.POSITIVE_INFINITY });
        return { isMarked: false, put: () => table.remove(key), written: () => undefined };
      }
      const isMarked = seqNum < Math.max(earlier ?? 0, table.get(key) ?? Number.POSITIVE_INFINITY);
      const own: Asked = { upTo: Math.max(earlier ?? 0, seqNum) };
      asked.set(watcherId, own);
      return {
        isMarked,
        put() {
          if (isMarked) row.write(randomInt(1, MARKS));
          return table.put(key, seqNum);
        },
        // Until then an earlier, higher one may be what this write replaces.
        written() {
          own.upTo = seqNum;
        },
      };
    },
    all() {
      const checkpoints = new Map<string, number>();
      for (const { key, value } of table.getRange()) checkpoints.set(key, value);
      known = { mark: row.read(), lowest: lowestOf(checkpoints.values()) };
      return checkpoints;
    },
    below(bound) {
      const mark = row.read();
      if (known === undefined || known.mark !== mark || known.lowest < bound) {
        known = { mark, lowest: lowestOf(table.getRange().map(({ value }) => value)) };
      }
      return Math.min(bound, known.lowest);
    },
  };
}
