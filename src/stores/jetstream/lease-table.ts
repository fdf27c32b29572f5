import { nuid } from '@nats-io/transport-node';
import { defer, map } from 'rxjs';
import type { LeaseDraft, LeaseLog } from '../../store/lease-log.ts';
import type { CheckpointTable } from './checkpoint-table.ts';
import { idToken } from './id-token.ts';
import { createInTurn } from './in-turn.ts';
import { type KvTable, RevisionConflict } from './kv-table.ts';
import type { LeaseReleases } from './lease-releases.ts';

/** What the keys of leases begin with. */
const PREFIX = 'lease';

/** A lease as it is stored; its revision is that of the key. */
interface Entry extends LeaseDraft {
  /** Whose it is: the key may be a digest of the id. */
  readonly watcherId: string;
  /** Tells this write from any other, be it of the same again. */
  readonly write: string;
}

const keyOf = (watcherId: string): string => `${PREFIX}.${idToken(watcherId)}`;

/** Leases, and writes of them that can be waited for. */
export interface LeaseTable extends LeaseLog {
  /** Resolves when no write is under way. */
  settled(): Promise<void>;
}

/** Keeps leases in a bucket; the fences are kept with what they are to protect. */
export function createLeaseTable(
  table: KvTable,
  { raiseFence }: Pick<CheckpointTable, 'raiseFence'>,
  { tell, released$ }: LeaseReleases,
): LeaseTable {
  const turns = createInTurn();

  const look = async (watcherId: string) => {
    const { value, revision } = await table.get(keyOf(watcherId));
    return { entry: value && (JSON.parse(Buffer.from(value).toString()) as Entry), revision };
  };
  const put = async (entry: Entry, revision: number): Promise<number | undefined> => {
    try {
      return await table.put(keyOf(entry.watcherId), Buffer.from(JSON.stringify(entry)), revision);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      // A write whose answer was lost is sent again, and is in its own way then.
      const present = await look(entry.watcherId);
      return present.entry?.write === entry.write ? present.revision : undefined;
    }
  };

  return {
    get: (watcherId) =>
      defer(() => look(watcherId)).pipe(
        map(({ entry, revision }) => {
          if (entry === undefined) return undefined;
          const { owner, token } = entry;
          return { token, revision, ...(owner !== undefined && { owner }) };
        }),
      ),
    store: (watcherId, { owner, token }, revision) =>
      turns.run(watcherId, async () => {
        const entry = { watcherId, token, write: nuid.next(), ...(owner !== undefined && { owner }) };
        const written = await put(entry, revision);
        if (written === undefined) return undefined;
        await raiseFence(watcherId, token);
        if (owner === undefined) tell();
        return written;
      }),
    released$,
    settled: turns.settled,
  };
}
