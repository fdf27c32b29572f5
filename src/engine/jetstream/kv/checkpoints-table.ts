import { nuid } from '@nats-io/transport-node';
import { CheckpointError, LeaseLostError } from '../../../errors.ts';
import { lowestOf } from '../../../store/retention/retention-policy.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { createKeyedMutex } from '../util/keyed-mutex.ts';
import { idToken, type KvRow, type KvTable, RevisionConflict } from './kv-table.ts';

/** First token of the keys of checkpoints. */
const CHECKPOINT = 'checkpoint';

/**
 * Maximum number of changed checkpoints that are read one after the other. If more checkpoints have changed, all checkpoints
 * are read together.
 */
const MAX_CHANGED = 64;

/**
 * Checkpoint and newest fencing token of a watcher. Both are stored under one key, so that one write can check the token and
 * change the checkpoint.
 */
interface CheckpointEntry {
  /** Id of the watcher. The key can contain a digest instead of the id. */
  readonly watcherId: string;
  /** Checkpoint; missing if a lease was granted before the first checkpoint, or if the checkpoint was deleted. */
  readonly seqNum?: number | undefined;
  /** Time at which the stream of the checkpoint was created; missing if there is no checkpoint. */
  readonly created?: string | undefined;
  /** Id of the store that wrote the checkpoint. */
  readonly writer?: string | undefined;
  /** Newest fencing token; missing if the watcher never had a lease. The token remains when the checkpoint is deleted. */
  readonly token?: number | undefined;
}

/** Entry and its revision. The revision is 0 if the key was never written. */
interface VersionedEntry {
  readonly entry: CheckpointEntry | undefined;
  readonly revision: number;
}

const checkpointKey = (watcherId: string): string => `${CHECKPOINT}.${idToken(watcherId)}`;

const encodeEntry = (entry: CheckpointEntry): Uint8Array => Buffer.from(JSON.stringify(entry));

const decodeEntry = (value: Uint8Array): CheckpointEntry => JSON.parse(Buffer.from(value).toString());

async function readEntry(table: KvTable, watcherId: string): Promise<VersionedEntry> {
  const { value, revision } = await table.get(checkpointKey(watcherId));
  return { entry: value && decodeEntry(value), revision };
}

/**
 * Checks the fencing token of a write.
 *
 * @throws {@link LeaseLostError} if the token is not the newest one.
 */
function checkToken(watcherId: string, entry: CheckpointEntry | undefined, fence: number): void {
  if (entry?.token === fence) return;
  throw new LeaseLostError(watcherId, fence, `the newest is ${entry?.token ?? 'none'}`);
}

/** Table of the checkpoints and fencing tokens of a store. */
export interface CheckpointsTable {
  /**
   * Stores a checkpoint. A given fencing token must be the newest one. Without a fencing token, no other store may have
   * written the checkpoint since the last read or write of this store.
   *
   * @throws {@link LeaseLostError} if the token is not the newest one.
   * @throws {@link CheckpointError} if there is no token and another store has written the checkpoint.
   */
  store(watcherId: string, seqNum: number, fence?: number): Promise<void>;
  /**
   * Reads a checkpoint. After this read, the store may overwrite the checkpoint without a fencing token.
   *
   * @throws {@link CheckpointError} if the checkpoint belongs to an earlier stream, which was deleted.
   */
  get(watcherId: string): Promise<number | undefined>;
  /**
   * Reads all checkpoints, by watcher id. A checkpoint of an earlier stream counts as 0, so that garbage collection deletes
   * no event that the watcher has not handled. Unlike `get`, this read does not permit the store to overwrite a checkpoint
   * without a fencing token.
   */
  all(): Promise<ReadonlyMap<string, number>>;
  /**
   * Returns the lower of `bound` and the lowest checkpoint. The first call reads all checkpoints. A later call reads only
   * the checkpoints that were written since the last read, unless the lowest known checkpoint is below `bound`.
   */
  below(bound: number): Promise<number>;
  /** Deletes a checkpoint. The fencing token remains. */
  delete(watcherId: string): Promise<void>;
  /** Raises the newest fencing token of a watcher. Later writes with a lower token are rejected. */
  raiseFence(watcherId: string, token: number): Promise<void>;
  /**
   * Checks a fencing token. `undefined` is always accepted.
   *
   * @throws {@link LeaseLostError} if the token is not the newest one.
   */
  checkFence(watcherId: string, fence: number | undefined): Promise<void>;
  /** Resolves when no write is pending. */
  settled(): Promise<void>;
}

/** Creates the error of a read of a checkpoint that belongs to an earlier stream. */
const outdated = (
  { watcherId, seqNum, created: earlier }: CheckpointEntry,
  { stream, created }: CheckpointStream,
): CheckpointError =>
  new CheckpointError(
    watcherId,
    `${seqNum} is an event of an earlier stream '${stream}', created at ${earlier}; the current stream was created at ${created}; use seek or deleteCheckpoint to decide where the watcher continues`,
  );

/** Function that returns the new entry of a watcher, or the same entry if nothing must be written. */
type Edit = (entry: CheckpointEntry | undefined) => CheckpointEntry | undefined;

/** Stream to which the sequence numbers of the checkpoints belong. */
type CheckpointStream = Pick<StreamClient, 'stream' | 'created'>;

/**
 * Returns whether the entry has a checkpoint of an earlier stream, which was deleted and created again. The sequence number
 * of such a checkpoint belongs to a different event in the current stream.
 */
const isOutdated = ({ created }: CheckpointEntry, stream: CheckpointStream): boolean =>
  created !== undefined && created !== stream.created;

/** Creates the table of the checkpoints of a stream in a bucket. */
export function createCheckpointsTable(table: KvTable, stream: CheckpointStream): CheckpointsTable {
  const { created } = stream;
  const writer = nuid.next();
  const mutex = createKeyedMutex();
  /**
   * Entries that this store has read with `get` or has written. If the revision in the bucket is different, another store has
   * written the entry.
   */
  const seen = new Map<string, VersionedEntry>();

  /** Lower bound of all checkpoints at a revision of the bucket. */
  let lowerBound: { readonly revision: number; readonly lowest: number } | undefined;

  /**
   * Decodes checkpoints, by watcher id. Omits entries without a checkpoint. A checkpoint of an earlier stream, which was
   * deleted, counts as 0.
   */
  const decodeCheckpoints = (rows: readonly KvRow[]): ReadonlyMap<string, number> => {
    const checkpoints = new Map<string, number>();
    for (const { value } of rows) {
      const entry = decodeEntry(value);
      if (entry.seqNum === undefined) continue;
      checkpoints.set(entry.watcherId, isOutdated(entry, stream) ? 0 : entry.seqNum);
    }
    return checkpoints;
  };
  const readAll = async (): Promise<ReadonlyMap<string, number>> => {
    const revision = await table.revision();
    const checkpoints = decodeCheckpoints(await table.all(CHECKPOINT));
    lowerBound = { revision, lowest: lowestOf(checkpoints.values()) };
    return checkpoints;
  };
  const readChanged = async ({
    revision: after,
    lowest,
  }: NonNullable<typeof lowerBound>): Promise<number> => {
    const revision = await table.revision();
    if (revision === after) return lowest;
    const changed = await table.changed(CHECKPOINT, after, MAX_CHANGED);
    if (changed === undefined) return lowestOf((await readAll()).values());
    const checkpoints = decodeCheckpoints(changed);
    lowerBound = {
      revision: Math.max(revision, changed.at(-1)?.revision ?? 0),
      lowest: lowestOf(checkpoints.values(), lowest),
    };
    return lowerBound.lowest;
  };

  /**
   * Edits an entry by compare-and-set. After a conflict, this function reads the entry again and applies
   * `editAfterConflict`.
   */
  const update = async (
    watcherId: string,
    current: VersionedEntry,
    edit: Edit,
    editAfterConflict = edit,
  ): Promise<void> => {
    const entry = edit(current.entry);
    if (entry === undefined || entry === current.entry) return;
    try {
      const revision = await table.put(checkpointKey(watcherId), encodeEntry(entry), current.revision);
      seen.set(watcherId, { entry, revision });
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await update(watcherId, await readEntry(table, watcherId), editAfterConflict);
    }
  };

  const storeUnfenced = async (watcherId: string, seqNum: number): Promise<void> => {
    const edit: Edit = (entry) => ({ watcherId, seqNum, created, writer, token: entry?.token });
    /**
     * Edits an entry after a conflict. If this store has written the stored entry, the acknowledgement of that write was lost,
     * and the edit is safe. An entry of another store is an error.
     */
    const editOwn: Edit = (entry) => {
      if (entry?.seqNum === undefined || entry.writer === writer) return edit(entry);
      const reason = `another process has stored ${entry.seqNum} in the meantime: two processes run this watcher`;
      throw new CheckpointError(watcherId, reason);
    };
    await update(watcherId, seen.get(watcherId) ?? (await readEntry(table, watcherId)), edit, editOwn);
  };
  const storeFenced = async (watcherId: string, seqNum: number, fence: number): Promise<void> => {
    const last = seen.get(watcherId);
    // A seen entry with another token can be outdated, so the entry is read again. If a seen entry with the same token is
    // outdated, the write fails with a conflict, and `update` reads the entry again.
    const current = last?.entry?.token === fence ? last : await readEntry(table, watcherId);
    await update(watcherId, current, (entry) => {
      checkToken(watcherId, entry, fence);
      return { watcherId, seqNum, created, writer, token: fence };
    });
  };

  return {
    store: (watcherId, seqNum, fence) =>
      mutex.run(watcherId, () =>
        fence === undefined ? storeUnfenced(watcherId, seqNum) : storeFenced(watcherId, seqNum, fence),
      ),
    async get(watcherId) {
      const current = await readEntry(table, watcherId);
      const { entry } = current;
      if (entry !== undefined && isOutdated(entry, stream)) throw outdated(entry, stream);
      seen.set(watcherId, current);
      return entry?.seqNum;
    },
    all: readAll,
    async below(bound) {
      if (lowerBound === undefined || lowerBound.lowest < bound) {
        return lowestOf((await readAll()).values(), bound);
      }
      return Math.min(bound, await readChanged(lowerBound));
    },
    delete: (watcherId) =>
      mutex.run(watcherId, async () => {
        await update(watcherId, await readEntry(table, watcherId), (entry) =>
          entry?.seqNum === undefined ? entry : { watcherId, token: entry.token },
        );
        seen.delete(watcherId);
      }),
    async raiseFence(watcherId, token) {
      const isRaised = (entry: CheckpointEntry | undefined) => (entry?.token ?? 0) >= token;
      // A token is never lowered, so no read is necessary if a seen token is high enough. The renewal of a lease therefore
      // does not wait for writes of the checkpoint.
      if (isRaised(seen.get(watcherId)?.entry)) return;
      await mutex.run(watcherId, async () => {
        await update(watcherId, await readEntry(table, watcherId), (entry) =>
          isRaised(entry) ? entry : { ...entry, watcherId, token },
        );
      });
    },
    async checkFence(watcherId, fence) {
      if (fence !== undefined) checkToken(watcherId, (await readEntry(table, watcherId)).entry, fence);
    },
    settled: mutex.settled,
  };
}
