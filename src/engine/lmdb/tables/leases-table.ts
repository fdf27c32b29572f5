import { randomUUID } from 'node:crypto';
import type { Database } from 'lmdb';
import type { Lease, NewLease } from '../../contract/lease-table.ts';
import { checkpointKey } from './checkpoint-key.ts';
import { type TableVersion, tableVersion } from './table-version.ts';

/** Key of the release marker. A watcher id is a text, so no id has this key. */
const RELEASE_KEY = 0;

/** Sub-database of the leases by watcher id, and of the release marker. */
export type LeaseDatabase = Database<Lease | string, string | number>;

/** Table of leases. Methods that write must be called inside a write of the `WriteQueue`. */
export interface LmdbLeasesTable {
  /** Returns the lease of a watcher; `undefined` if no lease was ever stored for the watcher. */
  get(watcherId: string): Lease | undefined;
  /** Returns all leases, by watcher id. */
  all(): ReadonlyMap<string, Lease>;
  /**
   * Writes a lease if the stored lease still has this revision. Resolves to the new revision, or to `undefined` if the lease
   * was not written.
   */
  put(watcherId: string, lease: NewLease, revision: number): Promise<number | undefined>;
  /** Commits the writes of `work` if the newest token of the watcher is `fence`. Returns whether they were committed. */
  ifFence(watcherId: string, fence: number, work: () => void): Promise<boolean>;
  /** Returns the release marker: a text that changes with each release of a lease. */
  releaseMarker(): string;
}

/**
 * Creates the table of leases on a sub-database.
 *
 * @param versions - Sub-database with a copy of the revisions and tokens, which LMDB's thread compares.
 * @param bucket - Name of the sub-database of leases.
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
    all() {
      const all = new Map<string, Lease>();
      for (const { key, value } of leases.getRange()) {
        if (key !== RELEASE_KEY) all.set(key as string, value as Lease);
      }
      return all;
    },
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
    releaseMarker: () => (leases.get(RELEASE_KEY) as string | undefined) ?? '',
  };
}
