import type { Database } from 'lmdb';
import { LeaseLostError } from '../../errors.ts';
import type { Lease, LeaseDraft } from '../../store/lease-log.ts';
import { checkpointKey } from './checkpoint-key.ts';

/** Under this key, which is no watcher's, stands how often a lease was given back. */
const RELEASES_KEY = 0;

/** The table of leases by watcher id, and of the number of releases. */
export type LeaseDatabase = Database<Lease | number, string | number>;

/** The table of leases, as a transaction sees it. */
export interface LeaseTable {
  /** The lease of a watcher. */
  get(watcherId: string): Lease | undefined;
  /** Writes it, if its revision is still this one; then the new revision, otherwise `undefined`. */
  put(watcherId: string, draft: LeaseDraft, revision: number): number | undefined;
  /** Why a write under this token is to be refused; `undefined` if it is not. */
  lossOf(watcherId: string, fence: number | undefined): LeaseLostError | undefined;
  /** How often a lease was given back. */
  releases(): number;
}

/** Opens the table of leases in a sub-database. */
export function createLeaseTable(leases: LeaseDatabase): LeaseTable {
  const get = (watcherId: string) => leases.get(checkpointKey(watcherId)) as Lease | undefined;
  const releases = () => (leases.get(RELEASES_KEY) as number | undefined) ?? 0;
  return {
    get,
    put(watcherId, { token, owner }, revision) {
      if ((get(watcherId)?.revision ?? 0) !== revision) return undefined;
      const next = revision + 1;
      void leases.put(checkpointKey(watcherId), {
        token,
        revision: next,
        ...(owner !== undefined && { owner }),
      });
      if (owner === undefined) void leases.put(RELEASES_KEY, releases() + 1);
      return next;
    },
    lossOf(watcherId, fence) {
      const token = fence === undefined ? undefined : get(watcherId)?.token;
      if (fence === token) return undefined;
      return new LeaseLostError(watcherId, fence as number, `the newest is ${token ?? 'none'}`);
    },
    releases,
  };
}
