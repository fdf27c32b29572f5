import { nuid } from '@nats-io/transport-node';
import { CheckpointError, LeaseLostError } from '../../../errors.ts';
import { lowestOf } from '../../../store/retention/retention-policy.ts';
import { createKeyedMutex } from '../util/keyed-mutex.ts';
import { idToken, type KvTable, RevisionConflict } from './kv-table.ts';

/** What the keys of checkpoints begin with. */
const CHECKPOINT = 'checkpoint';

/** A checkpoint as it is stored, and the fence before it: they change together or not at all. */
export interface CheckpointEntry {
  /** Whose it is: the key may be a digest of the id. */
  readonly watcherId: string;
  /** The checkpoint; missing if there is none, and there was a lease or a checkpoint once. */
  readonly seqNum?: number | undefined;
  /** The store that has written the checkpoint. */
  readonly writer?: string | undefined;
  /** The newest fencing token; missing if there never was a lease. It outlasts the checkpoint. */
  readonly token?: number | undefined;
}

/** An entry, and the revision by which it is known; 0 if there never was one. */
export interface KnownEntry {
  readonly entry: CheckpointEntry | undefined;
  readonly revision: number;
}

/** The key of an entry. */
const checkpointKey = (watcherId: string): string => `${CHECKPOINT}.${idToken(watcherId)}`;

/** An entry as bytes. */
const encodeEntry = (entry: CheckpointEntry): Uint8Array => Buffer.from(JSON.stringify(entry));

/** The way back. */
const decodeEntry = (value: Uint8Array): CheckpointEntry => JSON.parse(Buffer.from(value).toString());

/** Reads an entry. */
async function readEntry(table: KvTable, watcherId: string): Promise<KnownEntry> {
  const { value, revision } = await table.get(checkpointKey(watcherId));
  return { entry: value && decodeEntry(value), revision };
}

/**
 * Refuses a write under a token that is not the newest.
 *
 * @throws LeaseLostError
 */
function checkToken(watcherId: string, entry: CheckpointEntry | undefined, fence: number): void {
  if (entry?.token === fence) return;
  throw new LeaseLostError(watcherId, fence, `the newest is ${entry?.token ?? 'none'}`);
}

/** The checkpoints of a store, and the fences before them. */
export interface CheckpointsTable {
  /**
   * Writes one: under a fencing token if that is the newest, whoever wrote before; under none if nobody else has since
   * this store last wrote or read it.
   *
   * @throws LeaseLostError if there is a newer token.
   * @throws CheckpointError if somebody else has.
   */
  store(watcherId: string, seqNum: number, fence?: number): Promise<void>;
  /** Reads one, and takes it over. */
  get(watcherId: string): Promise<number | undefined>;
  /** Reads all. */
  all(): Promise<ReadonlyMap<string, number>>;
  /**
   * Returns the lowest, or `bound` if that is lower. It reads all checkpoints only if the lowest known one is below the
   * bound; otherwise those that were written since the last call.
   */
  below(bound: number): Promise<number>;
  /** Removes one. */
  remove(watcherId: string): Promise<void>;
  /** Has what bears a lower token refused from now on. */
  raiseFence(watcherId: string, token: number): Promise<void>;
  /**
   * Looks whether a token is the newest; none always is.
   *
   * @throws LeaseLostError if it is not.
   */
  checkFence(watcherId: string, fence: number | undefined): Promise<void>;
  /** Resolves when no write is under way. */
  settled(): Promise<void>;
}

/** What is to become of an entry; itself if nothing is. */
type Edit = (entry: CheckpointEntry | undefined) => CheckpointEntry | undefined;

/** Sequence numbers by watcher id. */
const positionsIn = (values: readonly Uint8Array[]): ReadonlyMap<string, number> =>
  new Map(
    values
      .map(decodeEntry)
      .flatMap(({ watcherId, seqNum }) => (seqNum === undefined ? [] : [[watcherId, seqNum]])),
  );

/** Keeps checkpoints in a bucket. */
export function createCheckpointsTable(table: KvTable): CheckpointsTable {
  const writer = nuid.next();
  const turns = createKeyedMutex();
  /** The entries that this store has seen: whoever writes another in between is somebody else. */
  const seen = new Map<string, KnownEntry>();

  /** Lower bound of all checkpoints of a revision of the bucket. */
  let known: { readonly revision: number; readonly lowest: number } | undefined;

  const readAll = async (): Promise<ReadonlyMap<string, number>> => {
    const revision = await table.revision();
    const checkpoints = positionsIn(await table.all(CHECKPOINT));
    known = { revision, lowest: lowestOf(checkpoints.values()) };
    return checkpoints;
  };
  const readChanged = async ({ revision: after, lowest }: NonNullable<typeof known>): Promise<number> => {
    const revision = await table.revision();
    if (revision === after) return lowest;
    const changed = positionsIn(await table.changed(CHECKPOINT, after, revision));
    known = { revision, lowest: lowestOf(changed.values(), lowest) };
    return known.lowest;
  };

  const look = (watcherId: string) => readEntry(table, watcherId);

  /** Writes an entry over the one that is known; if another was faster, over that, as far as this is allowed then. */
  const change = async (
    watcherId: string,
    known: KnownEntry,
    edit: Edit,
    editAnother = edit,
  ): Promise<void> => {
    const entry = edit(known.entry);
    if (entry === undefined || entry === known.entry) return;
    try {
      const revision = await table.put(checkpointKey(watcherId), encodeEntry(entry), known.revision);
      seen.set(watcherId, { entry, revision });
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await change(watcherId, await look(watcherId), editAnother);
    }
  };

  const storeUnfenced = async (watcherId: string, seqNum: number): Promise<void> => {
    const edit: Edit = (entry) => ({ watcherId, seqNum, writer, token: entry?.token });
    /** What this store has written without ever hearing of it is no conflict. */
    const editOwn: Edit = (entry) => {
      if (entry?.seqNum === undefined || entry.writer === writer) return edit(entry);
      const reason = `another process has stored ${entry.seqNum} meanwhile: two of them run this watcher`;
      throw new CheckpointError(watcherId, reason);
    };
    await change(watcherId, seen.get(watcherId) ?? (await look(watcherId)), edit, editOwn);
  };
  const storeFenced = async (watcherId: string, seqNum: number, fence: number): Promise<void> => {
    const known = seen.get(watcherId);
    // An entry that was seen may be old: then its token says nothing against this one, and its revision lets nothing by.
    const present = known?.entry?.token === fence ? known : await look(watcherId);
    await change(watcherId, present, (entry) => {
      checkToken(watcherId, entry, fence);
      return { watcherId, seqNum, writer, token: fence };
    });
  };

  return {
    store: (watcherId, seqNum, fence) =>
      turns.run(watcherId, () =>
        fence === undefined ? storeUnfenced(watcherId, seqNum) : storeFenced(watcherId, seqNum, fence),
      ),
    async get(watcherId) {
      const known = await look(watcherId);
      seen.set(watcherId, known);
      return known.entry?.seqNum;
    },
    all: readAll,
    async below(bound) {
      if (known === undefined || known.lowest < bound) return lowestOf((await readAll()).values(), bound);
      return Math.min(bound, await readChanged(known));
    },
    remove: (watcherId) =>
      turns.run(watcherId, async () => {
        await change(watcherId, await look(watcherId), (entry) =>
          entry?.seqNum === undefined ? entry : { watcherId, token: entry.token },
        );
        seen.delete(watcherId);
      }),
    async raiseFence(watcherId, token) {
      const isRaised = (entry: CheckpointEntry | undefined) => (entry?.token ?? 0) >= token;
      // It is never lowered: what was seen once is enough, and who renews a lease waits for no checkpoint.
      if (isRaised(seen.get(watcherId)?.entry)) return;
      await turns.run(watcherId, async () => {
        await change(watcherId, await look(watcherId), (entry) =>
          isRaised(entry) ? entry : { ...entry, watcherId, token },
        );
      });
    },
    async checkFence(watcherId, fence) {
      if (fence !== undefined) checkToken(watcherId, (await look(watcherId)).entry, fence);
    },
    settled: turns.settled,
  };
}
