import type { Observable } from 'rxjs';
import type { EventFilter } from '../../event/event-filter.ts';
import type { DeadLetterTable } from './dead-letter-table.ts';
import type { LeaseTable } from './lease-table.ts';
import type { NewRecord, StoredRecord } from './record.ts';
import type { ReportTable } from './report-table.ts';

/** Sequence numbers and timestamp of appended records. All records of one append share one timestamp. */
export interface AppendResult {
  /** Sequence number of the first record. The other records follow without gaps unless `seqNums` is set. */
  readonly firstSeqNum: number;
  /**
   * Sequence number of each record. Set only if the numbers are not contiguous: if there are duplicates, or on an engine
   * without atomic appends.
   */
  readonly seqNums?: readonly number[];
  /** Timestamp of the records, in milliseconds since 1970. */
  readonly timestamp: number;
  /**
   * Stored records that have the id of an appended record, by the index of the appended record. The appended records at these
   * indexes are duplicates and were not stored. If there are duplicates, `seqNums` is set.
   */
  readonly duplicates?: ReadonlyMap<number, StoredRecord>;
}

/** Oldest and highest sequence number of a log. */
export interface LogBounds {
  /** Oldest sequence number that the log holds; `latest + 1` if it holds no record. */
  readonly oldest: number;
  /** Highest sequence number that the log has assigned; 0 if it has assigned none. */
  readonly latest: number;
}

/** Number of records that a trim has deleted, and the oldest record that remains. */
export interface TrimResult {
  /** Number of records that this trim has deleted; 0 if its limits permit none. */
  readonly deleted: number;
  /** Oldest sequence number that the log still holds; `latest + 1` if it holds no record. */
  readonly oldest: number;
}

/** Limits of a trim. The oldest records are deleted until the first limit is reached. */
export interface TrimRequest {
  /** Highest sequence number that may be deleted. */
  readonly maxSeqNum: number;
  /** Latest timestamp of a record that may be deleted, in milliseconds since 1970; `Infinity` for any timestamp. */
  readonly maxTimestamp: number;
  /** Whether to keep all records after the lowest checkpoint. */
  readonly respectCheckpoints: boolean;
  /**
   * Returns the lowest position that an active reader of this process pins. Later records must be kept. Called immediately
   * before the deletion, because a reader may start until then. Missing for a hard limit, which ignores readers.
   */
  readonly lowWatermark?: () => number;
  /** Maximum number of records to delete. The limit keeps the transaction short. */
  readonly maxRecords: number;
}

/** Position, filter and limits of one read. */
export interface ReadRequest {
  /** Sequence number after which the read starts. If the next record is trimmed, the read starts at the oldest record. */
  readonly after: number;
  /** Filter for the returned records; `undefined` matches every record. */
  readonly filter: EventFilter | undefined;
  /** Maximum number of records to scan, whether or not they match the filter. */
  readonly maxScanned: number;
  /** Maximum number of matching records to return. */
  readonly limit: number;
  /**
   * Total size of the returned payloads, in bytes, at which the read stops. The record that reaches this size is still
   * returned.
   */
  readonly maxBytes: number;
}

/** Writes of one transaction. They take effect when the transaction commits, or not at all. */
export interface LogTransaction {
  /**
   * Appends records under contiguous sequence numbers. The returned numbers are final if the transaction commits.
   *
   * @param now - Time of the clock, in milliseconds since 1970, as in `EventLog.append`.
   */
  append(records: readonly NewRecord[], now: number): AppendResult;

  /**
   * Stores a checkpoint.
   *
   * @param fence - Fencing token, compared inside the transaction. The call throws a `LeaseLostError` if the token is not
   *   the newest one.
   */
  storeCheckpoint(watcherId: string, seqNum: number, fence?: number): void;

  /**
   * Deletes a dead letter if it exists. Called only if the engine has a dead letter table.
   *
   * @param fence - Fencing token, as in `storeCheckpoint`.
   * @param partitionId - Id of the partition to which `fence` belongs. By default, it belongs to `watcherId`.
   */
  deleteDeadLetter(watcherId: string, seqNum: number, fence?: number, partitionId?: string): void;
}

/** Result of one read: a consistent snapshot of the log. */
export interface LogPage extends LogBounds {
  /** Matching records, in order. */
  readonly records: readonly StoredRecord[];
  /**
   * Sequence number of the last scanned record; the next read starts after this number. If no record was scanned, the value
   * is the higher of `after` and the number before the oldest record.
   */
  readonly lastScannedSeqNum: number;
}

/**
 * Interface of an engine: a durable, numbered list of records, and a table of checkpoints.
 *
 * An engine does not know serializers, caches, polling or watchers: `createEventStore` adds these for all engines. The store
 * validates all arguments: numbers are safe integers, and ids of watchers are not blank and have at most 1977 bytes. The store
 * makes no call after `close`.
 *
 * **A method that reads** starts at subscription, emits one value and completes; synchronously if the engine can. A page
 * ends before a record with a damaged header. If that record is the first one to scan, the read fails with a
 * `DeserializationError` that has its sequence number. A record with a damaged payload throws this error from its `payload`
 * getter. Any other failure is a `StoreError`.
 *
 * **A method that writes** starts at the call. Writes take effect in the order of the calls. The Promise resolves when the
 * write is durable. No reader sees the write earlier. `storeCheckpoint`, `transact`, `DeadLetterTable.store`,
 * `LeaseTable.store` and the writes of `ReportTable` may return a plain result instead of a Promise if the write is already
 * durable. A watcher can then run in virtual time, in which no Promise resolves. A write that fails throws an error, or
 * rejects its Promise.
 */
export interface EventLog {
  /**
   * Name of the engine in `store.info()`.
   *
   * @defaultValue 'custom'
   */
  readonly engine?: string;

  /**
   * Appends records atomically, under contiguous sequence numbers.
   *
   * If the log holds a record with the id of an appended record, the appended record is a duplicate: it is not stored, and
   * the result contains the held record. Two records of one call never have the same id. The comparison of ids and the
   * append are one atomic step, even if other processes append at the same time. A log remembers an id at least as long as
   * it holds the record, or for a documented time.
   *
   * @throws {@link DuplicateIdError} if a duplicate has another operation, object type or key. Nothing is stored.
   * @param now - Time of the clock, in milliseconds since 1970. The timestamp is the later of `now` and the timestamp of the
   *   previous record.
   */
  append(records: readonly NewRecord[], now: number): Promise<AppendResult>;

  /**
   * Appends records of another log atomically, with their sequence numbers and timestamps. An engine without atomic appends
   * rejects with a `PartialBatchError` if it has stored only the first records. Optional: without it, the store cannot be the
   * target of `copyLog`.
   *
   * @param after - Sequence number before the first record. A log that has never held a record continues after this number.
   * @param records - Records in order, with contiguous sequence numbers; may be empty.
   * @returns Whether the records continue this log. If not, nothing was appended.
   */
  importRecords?(after: number, records: readonly StoredRecord[]): Promise<boolean>;

  /**
   * Emits after each append that readers can see, by this process or another. Never errors.
   *
   * An engine may emit the records that this process has appended, in order and contiguous. This saves one read per append
   * while readers with filters wait. If the engine emits `undefined` or an empty list, the store reads the records from the
   * log.
   */
  readonly appended$: Observable<readonly StoredRecord[] | undefined>;

  /** Reads one page: the matching records after `request.after`, in order, up to the limits of the request. */
  read(request: ReadRequest): Observable<LogPage>;

  /** Emits the log bounds, which include the appends and trims of other processes. */
  bounds(): Observable<LogBounds>;

  /** Emits the first sequence number with this timestamp or a later one; `latest + 1` if there is no such record. */
  seqNumForTimestamp(timestamp: number): Observable<number>;

  /** Deletes the oldest records within the limits of the request, in one transaction. Their numbers are never reused. */
  trim(request: TrimRequest): Promise<TrimResult>;

  /**
   * Rearranges stored records for faster reads, without a change that a reader can observe. Called after each garbage
   * collection. Optional: without it, the store only deletes records.
   *
   * @param maxRecords - Approximate maximum number of records to rearrange in one call.
   * @returns Whether another call may find more records to rearrange.
   */
  compact?(maxRecords: number): Promise<boolean>;

  /** Emits the approximate size of the records, in bytes, with which `retention.maxBytes` is compared. */
  bytes(): Observable<number>;

  /** Emits the size of the file that contains the log, in bytes. Optional: without it, `store.info()` has no `fileBytes`. */
  fileBytes?(): Observable<number>;

  /**
   * Stores a checkpoint and replaces the previous one, even if the previous one is higher.
   *
   * @param fence - Fencing token. A write under an older token is rejected, see `LeaseTable`.
   * @returns A Promise, or nothing if the checkpoint is already durable.
   */
  storeCheckpoint(watcherId: string, seqNum: number, fence?: number): void | Promise<void>;

  /** Emits the checkpoint of a watcher; `undefined` if there is none. */
  getCheckpoint(watcherId: string): Observable<number | undefined>;

  /** Emits a consistent snapshot of all checkpoints, by watcher id. */
  checkpoints(): Observable<ReadonlyMap<string, number>>;

  /** Deletes a checkpoint if it exists. A trim that respects checkpoints then ignores the deleted checkpoint. */
  deleteCheckpoint(watcherId: string): Promise<void>;

  /**
   * Calls a synchronous function in one transaction. If `work` throws, nothing is stored, and the call throws the same value
   * or rejects with it. Optional: without it, the store has no `transaction`, and watchers cannot have a transaction handler.
   *
   * Inside `work`, `getCheckpoint` and `checkpoints` emit synchronously, and no other writer changes checkpoints before the
   * commit. A call of another write method of the engine fails with an `InvalidRequestError`. An engine that commits several
   * transactions together may call `work` again.
   *
   * @returns Promise of the result of `work`, or the result itself if the transaction is already durable.
   */
  transact?<R>(work: (transaction: LogTransaction) => R): R | Promise<R>;

  /** Dead letter table. Optional: without it, the store rejects every call about dead letters. */
  readonly deadLetters?: DeadLetterTable;

  /** Lease table. Optional: without it, a manager rejects the option `lease`, and no write has a fencing token. */
  readonly leases?: LeaseTable;

  /** Report table. Optional: without it, other processes do not see the states of watchers. */
  readonly reports?: ReportTable;

  /** Waits for pending writes, then closes the engine. Called once. */
  close(): Promise<void>;
}
