import type { Observable } from 'rxjs';

/** The right to run a watcher, to be written. */
export interface NewLease {
  /** Who holds it, in words for people; missing once it was given back. */
  readonly owner?: string;
  /** The fencing token: one more at each grant, so that no two holders ever have the same. */
  readonly token: number;
}

/** The right to run a watcher, as it lies in the engine. */
export interface Lease extends NewLease {
  /** Changes with each write, be it the same again. */
  readonly revision: number;
}

/**
 * Where an engine keeps leases: a record for each watcher, written by compare and set.
 *
 * An engine judges nothing: it has no clock, and does not know when a lease is over. It promises this: once `store` has
 * resolved under a higher token, every checkpoint and dead letter of that watcher which bears a lower one is refused
 * with a `LeaseLostError`. To look at the token and to write is one step, and what was refused has written nothing. An
 * engine without transactions, that cannot keep a dead letter in one step, takes back what it has written of one.
 */
export interface LeaseTable {
  /** The lease of a watcher; `undefined` if it never had one. */
  get(watcherId: string): Observable<Lease | undefined>;

  /**
   * Writes it, if it still is as it was read.
   *
   * @param revision - That which was read; 0 if there was none.
   * @returns The new revision, once it is durable; `undefined` if another was faster, and then nothing was written.
   */
  store(watcherId: string, draft: NewLease, revision: number): Promise<number | undefined>;

  /** Emits when some lease may have been given back, by this process or another. Never errors. */
  readonly released$: Observable<void>;
}
