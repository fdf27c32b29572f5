import { createHash } from 'node:crypto';
import { nuid } from '@nats-io/transport-node';
import { CheckpointError } from '../../errors.ts';
import { createInTurn } from './in-turn.ts';
import { type KvTable, RevisionConflict } from './kv-table.ts';

/** What the keys of checkpoints begin with. */
const PREFIX = 'checkpoint';

/** An id that is a key as it is. */
const PLAIN = /^[\w-]{1,64}$/;

/** A checkpoint as it is stored: the key may be a digest of the id. */
interface Entry {
  readonly watcherId: string;
  readonly seqNum: number;
  /** The store that has written it. */
  readonly writer: string;
}

/** The token of an id in a key: itself, or a digest behind a `=`, which no id begins with that is left as it is. */
export const idToken = (id: string): string =>
  PLAIN.test(id) ? id : `=${createHash('sha256').update(id, 'utf16le').digest('hex')}`;

const keyOf = (watcherId: string): string => `${PREFIX}.${idToken(watcherId)}`;

const parse = (value: Uint8Array): Entry => JSON.parse(Buffer.from(value).toString());

/** The checkpoints of a store. */
export interface CheckpointTable {
  /**
   * Writes one, if nobody else has since this store last wrote or read it.
   *
   * @throws CheckpointError if somebody has.
   */
  store(watcherId: string, seqNum: number): Promise<void>;
  /** Reads one, and takes it over. */
  get(watcherId: string): Promise<number | undefined>;
  /** Reads all. */
  all(): Promise<ReadonlyMap<string, number>>;
  /** Removes one. */
  remove(watcherId: string): Promise<void>;
  /** Resolves when no write is under way. */
  settled(): Promise<void>;
}

/** Keeps checkpoints in a bucket. */
export function createCheckpointTable(table: KvTable): CheckpointTable {
  const writer = nuid.next();
  const turns = createInTurn();
  /** The revisions that this store has seen: whoever writes another in between is somebody else. */
  const seen = new Map<string, number>();

  const look = async (watcherId: string) => {
    const { value, revision } = await table.get(keyOf(watcherId));
    return { entry: value && parse(value), revision };
  };

  const write = async (watcherId: string, seqNum: number, revision: number): Promise<void> => {
    const value = Buffer.from(JSON.stringify({ watcherId, seqNum, writer } satisfies Entry));
    try {
      seen.set(watcherId, await table.put(keyOf(watcherId), value, revision));
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await writeOverOwn(watcherId, seqNum);
    }
  };
  /** What this store has written without ever hearing of it is no conflict. */
  const writeOverOwn = async (watcherId: string, seqNum: number): Promise<void> => {
    const { entry, revision } = await look(watcherId);
    if (entry !== undefined && entry.writer !== writer) {
      const reason = `another process has stored ${entry.seqNum} meanwhile: two of them run this watcher`;
      throw new CheckpointError(watcherId, reason);
    }
    await write(watcherId, seqNum, revision);
  };

  return {
    store: (watcherId, seqNum) =>
      turns.run(watcherId, async () => {
        await write(watcherId, seqNum, seen.get(watcherId) ?? (await look(watcherId)).revision);
      }),
    async get(watcherId) {
      const { entry, revision } = await look(watcherId);
      seen.set(watcherId, revision);
      return entry?.seqNum;
    },
    async all() {
      const entries = (await table.all(PREFIX)).map(parse);
      return new Map(entries.map(({ watcherId, seqNum }) => [watcherId, seqNum]));
    },
    remove: (watcherId) =>
      turns.run(watcherId, async () => {
        await table.remove(keyOf(watcherId));
        seen.delete(watcherId);
      }),
    settled: turns.settled,
  };
}
