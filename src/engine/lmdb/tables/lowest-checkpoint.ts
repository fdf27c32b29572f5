import { randomInt } from 'node:crypto';
import type { Database } from 'lmdb';
import { lowestOf } from '../../../store/retention/retention-policy.ts';
import { checkpointKey } from './checkpoint-key.ts';
import type { TableVersion } from './table-version.ts';

/**
 * Upper limit of a version, exclusive: the highest limit that `randomInt` accepts. Versions are random, so that processes need
 * not agree on the next one.
 */
const MAX_VERSION = 2 ** 48 - 1;

/**
 * Writes to the table of checkpoints, and a cached lower bound of all checkpoints.
 *
 * Garbage collection must not pass a checkpoint, and deletes events in many transactions. The bound is cached because reading
 * all checkpoints in each transaction would take longer than the deletion.
 *
 * The bound is the lowest checkpoint at the last read of the table. Checkpoints usually move forward, so the lowest one can be
 * higher now, but the bound is still valid. `lowestUpTo` reads the table again if the bound is too low for its caller. A write
 * of a checkpoint that is new or moves backwards also changes the table version, in the same commit. After such a write of any
 * process, the bound is not used.
 */
export interface LowestCheckpoint {
  /**
   * Reads the table, and creates the write of a checkpoint. The caller performs the write with `put`, which reads nothing.
   *
   * @param seqNum - New checkpoint; `undefined` deletes it.
   */
  createWrite(watcherId: string, seqNum: number | undefined): CheckpointWrite;
  /**
   * Reads all checkpoints, by watcher id. Caches the lowest one as the bound, except inside a transaction, which may be rolled
   * back.
   */
  all(): ReadonlyMap<string, number>;
  /**
   * Returns the lower of `bound` and the lowest checkpoint. Reads the table only if the cached bound is below `bound` or no
   * longer valid. Must be called inside a transaction that writes no checkpoints.
   */
  lowestUpTo(bound: number): number;
}

export interface CheckpointWrite {
  /** Whether `put` also writes the table version. The checkpoint and the version must then share a transaction. */
  readonly changesVersion: boolean;
  /** Writes the checkpoint, and the table version if `changesVersion` is set. */
  put(): Promise<boolean>;
  /**
   * Must be called when the write is durable. Otherwise, later writes of the checkpoint would change the version without
   * need.
   */
  onDurable(): void;
}

/** Write that may not be committed yet. */
interface PendingWrite {
  /** Highest checkpoint that the table can contain when the next write for this watcher is committed. */
  maxSeqNum: number;
}

/**
 * Creates the writes and the cache for a table of checkpoints.
 *
 * @param isInTransaction - Returns whether this thread is inside a write transaction.
 */
export function createLowestCheckpoint(
  table: Database<number, string>,
  tableVersion: TableVersion,
  isInTransaction: () => boolean,
): LowestCheckpoint {
  /** Last write of each watcher since the table was opened. */
  const lastWrites = new Map<string, PendingWrite>();
  let cached: { readonly version: number; readonly lowest: number } | undefined;

  return {
    createWrite(watcherId, seqNum) {
      const key = checkpointKey(watcherId);
      const earlier = lastWrites.get(watcherId)?.maxSeqNum;
      if (seqNum === undefined) {
        // The next checkpoint of this watcher counts as new, even while the table still contains the old checkpoint.
        lastWrites.set(watcherId, { maxSeqNum: Number.POSITIVE_INFINITY });
        return { changesVersion: false, put: () => table.remove(key), onDurable: () => undefined };
      }
      const changesVersion = seqNum < Math.max(earlier ?? 0, table.get(key) ?? Number.POSITIVE_INFINITY);
      const own: PendingWrite = { maxSeqNum: Math.max(earlier ?? 0, seqNum) };
      lastWrites.set(watcherId, own);
      return {
        changesVersion,
        put() {
          if (changesVersion) tableVersion.write(randomInt(1, MAX_VERSION));
          return table.put(key, seqNum);
        },
        // Until this write is durable, `maxSeqNum` must stay, because the table can contain an earlier, higher checkpoint.
        onDurable() {
          own.maxSeqNum = seqNum;
        },
      };
    },
    all() {
      const checkpoints = new Map<string, number>();
      for (const { key, value } of table.getRange()) checkpoints.set(key, value);
      if (!isInTransaction()) {
        cached = { version: tableVersion.read(), lowest: lowestOf(checkpoints.values()) };
      }
      return checkpoints;
    },
    lowestUpTo(bound) {
      const version = tableVersion.read();
      if (cached === undefined || cached.version !== version || cached.lowest < bound) {
        cached = { version, lowest: lowestOf(table.getRange().map(({ value }) => value)) };
      }
      return Math.min(bound, cached.lowest);
    },
  };
}
