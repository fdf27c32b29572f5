import type { Observable } from 'rxjs';
import type { StoredRecord } from './record.ts';

/** Dead letter to store. The engine adds a copy of the event. */
export interface NewDeadLetter {
  /** Id of the watcher that gave the event up. */
  readonly watcherId: string;
  /** Sequence number of the event. */
  readonly seqNum: number;
  /** Serialized description of the failure. The engine stores it unchanged. */
  readonly details: string;
  /** New checkpoint of the watcher. If it is missing, the checkpoint does not change. */
  readonly checkpoint?: number;
  /** Fencing token of the lease. A write under an older token is rejected, see `LeaseTable`. */
  readonly fence?: number;
  /** Id of the partition to which `checkpoint` and `fence` belong. By default, they belong to `watcherId`. */
  readonly partitionId?: string;
}

/** Dead letter as an engine stores it. */
export interface DeadLetterRecord {
  /** Sequence number of the event. */
  readonly seqNum: number;
  /** Serialized description of the failure. */
  readonly details: string;
  /** Copy of the event's record; missing if the record was damaged when the dead letter was stored. */
  readonly record?: StoredRecord;
}

/** Result of `DeadLetterTable.count`. */
export interface DeadLetterCounts {
  /** Number of stored dead letters of all watchers. */
  readonly total: number;
  /** Number of stored dead letters of each requested watcher, in the order of the requested ids. */
  readonly ofWatchers: readonly number[];
}

/** Storage of dead letters, separate from the log: a trim does not delete them. */
export interface DeadLetterTable {
  /**
   * Stores a dead letter with a copy of the event's record, and moves the checkpoint, in one transaction. The new dead
   * letter replaces an existing one of the same event. If the log no longer holds the record, the copy in the existing dead
   * letter remains.
   *
   * @returns A Promise, or nothing if the dead letter and the checkpoint are already durable.
   */
  store(deadLetter: NewDeadLetter): void | Promise<void>;
  /**
   * Emits the dead letters of a watcher, ordered by sequence number.
   *
   * @param watcherId - Id of the watcher. Without it, emits the dead letters of all watchers, in any order; their details name
   *   the watchers.
   */
  read(watcherId?: string): Observable<readonly DeadLetterRecord[]>;
  /** Emits the number of dead letters, in total and of each of these watchers, without reading the dead letters. */
  count(watcherIds: readonly string[]): Observable<DeadLetterCounts>;
  /** Deletes a dead letter if it exists. */
  delete(watcherId: string, seqNum: number): Promise<void>;
}
