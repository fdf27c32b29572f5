import { randomUUID } from 'node:crypto';
import type { Database } from 'lmdb';
import type { Lease, NewLease } from '../../contract/lease-table.ts';
import { checkpointKey } from './checkpoint-key.ts';
import { type TableVersion, tableVersion } from './table-version.ts';

/** Key of the mark of the last release; no watcher has it. */
const RELEASE_KEY = 0;

/** The sub-database of leases by watcher id, and of the mark of the last release. */
export type LeaseDatabase = Database<Lease | string, string | number>;

/** The table of leases. Whatever writes is to be called inside the work of a `WriteQueue`. */
export interface LmdbLeasesTable {
  /** Returns the lease of a watcher. */
  get(watcherId: string): Lease | undefined;
  /** Writes a lease if its revision is still `revision`; returns the new revision, or `undefined`. */
  put(watcherId: string, draft: NewLease, revision: number): Promise<number | undefined>;
  /** Makes writes if the newest token of a watcher is `fence`; returns whether it was. */
  ifFence(watcherId: string, fence: number, work: () => void): Promise<boolean>;
  /** Returns a text that changes with each release of a lease. */
  lastRelease(): string;
}

/**
 * Opens the table of leases.
 *
 * @param leases - The sub-database.
 * @param versions - Second copy of revisions and tokens, which LMDB's own thread compares.
 * @param bucket - Name of the sub-database.
 */
export function createLeasesTable(
  leases: LeaseDatabase,
  versions: Database<Buffer, string>,
  bucket: string,
): LmdbLeasesTable {
  const row = (kind: 'revision' | 'token', watcherId: string): TableVersion =>
    tableVersion(versions, `${bucket}\0${kind}\0${watcherId}`);

  return {
    get: (watcherId) => leases.get(checkpointKey(watcherId)) as Lease | undefined,
    async put(watcherId, { token, owner }, revision) {
      const next = revision + 1;
      const revisions = row('revision', watcherId);
      const isWritten = await revisions.ifIs(revision, () => {
        revisions.write(next);
        row('token', watcherId).write(token);
        void leases.put(checkpointKey(watcherId), {
          token,
          revision: next,
          ...(owner !== undefined && { owner }),
        });
        if (owner === undefined) void leases.put(RELEASE_KEY, randomUUID());
      });
      return isWritten ? next : undefined;
    },
    ifFence: (watcherId, fence, work) => row('token', watcherId).ifIs(fence, work),
    lastRelease: () => (leases.get(RELEASE_KEY) as string | undefined) ?? '',
  };
}
