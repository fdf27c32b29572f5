import type { Observable } from 'rxjs';

/** Lease before the engine assigns a revision. */
export interface NewLease {
  /** Description of the process that holds the lease, for logs and reports; missing after a release of the lease. */
  readonly owner?: string;
  /** Fencing token: increased by one at each grant, so that no two holders have the same token. */
  readonly token: number;
}

/** Lease as an engine stores it. */
export interface Lease extends NewLease {
  /** Number that changes with each write, even if the lease is unchanged. */
  readonly revision: number;
}

/**
 * Storage of leases: one row for each watcher, written by compare-and-set.
 *
 * An engine has no clock for leases and does not decide when a lease expires. It must guarantee the fence: when `store` has
 * resolved, a checkpoint or dead letter of that watcher with a lower token is rejected with a `LeaseLostError`. The
 * comparison of the token and the write are one atomic step, and a rejected write stores nothing.
 *
 * An engine without transactions cannot store a dead letter in one step. If the write is rejected, the engine restores the
 * previous dead letter of the event. If there was none, the engine deletes the new dead letter.
 */
export interface LeaseTable {
  /** Emits the lease of a watcher; `undefined` if no lease was ever stored for the watcher. */
  get(watcherId: string): Observable<Lease | undefined>;

  /** Emits all leases, by watcher id. */
  all(): Observable<ReadonlyMap<string, Lease>>;

  /**
   * Stores a lease if the stored one still has the given revision.
   *
   * @param revision - Revision of the lease that was read; 0 if there was no lease.
   * @returns The new revision, or a Promise of it if the write is not yet durable; `undefined` if the revision has changed
   *   and nothing was written.
   */
  store(
    watcherId: string,
    lease: NewLease,
    revision: number,
  ): number | undefined | Promise<number | undefined>;

  /** Emits when this or another process may have released a lease. Never errors. */
  readonly released$: Observable<void>;
}
