import type { Observable } from 'rxjs';
import type { EventFilter } from '../../event/event-filter.ts';
import type { DeadLetterTable } from './dead-letter-table.ts';
import type { LeaseTable } from './lease-table.ts';
import type { NewRecord, StoredRecord } from './record.ts';

/** Where an append came to stand: its records are contiguous, if it says nothing else, and share one timestamp. */
export interface AppendResult {
  /** The number of its first record. */
  readonly firstSeqNum: number;
  /** The number of each record, where they are not contiguous: on an engine whose appends are not atomic. */
  readonly seqNums?: readonly number[];
  /** In milliseconds since 1970. */
  readonly timestamp: number;
}

/** Which part of the log is held. */
export interface LogBounds {
  /** The oldest number still held; `latest + 1` if none is. */
  readonly oldest: number;
  /** The highest number ever given; 0 if none was. */
  readonly latest: number;
}

/** What was let go of. */
export interface TrimResult {
  /** How many records. */
  readonly deleted: number;
  /** The oldest number still held; `latest + 1` if none is. */
  readonly oldest: number;
}

/** What may be let go of: the oldest records up to whichever bound is met first. */
export interface TrimRequest {
  /** None after this number. */
  readonly maxSeqNum: number;
  /** None that was appended after this time, in milliseconds since 1970; `Infinity` for any time. */
  readonly maxTimestamp: number;
  /** Whether a checkpoint holds what comes after it. */
  readonly respectCheckpoints: boolean;
  /**
   * Tells the last number that no running watcher of this process has still to read; none after it. Asked at the moment
   * of the deletion, for a watcher may begin at any time before. Default: there is no such watcher.
   */
  readonly lowWatermark?: () => number;
  /** No more than this many. */
  readonly maxRecords: number;
}

/** What to read. */
export interface ReadRequest {
  /** Examine records from the one after this number; from the oldest held, if that is later. */
  readonly after: number;
  /** Give only what this lets through. */
  readonly filter: EventFilter | undefined;
  /** Examine no more records than this. */
  readonly maxScanned: number;
  /** Give no more records than this. */
  readonly limit: number;
  /** Stop once the payloads given have this many bytes or more. */
  readonly maxBytes: number;
}

/** One read, of one moment. */
export interface LogPage extends LogBounds {
  /** The records that the filter let through, in order. */
  readonly records: readonly StoredRecord[];
  /** The last number examined; nothing up to it is left to read. `after` itself, or more, if nothing was. */
  readonly lastScannedSeqNum: number;
}

/**
 * What an engine delivers: a durable, numbered list of records, and a table of checkpoints.
 *
 * An engine knows nothing of JSON, caches, polling or watchers: `createEventStore` adds all that, once for all
 * engines. Calls are valid (numbers are safe integers, ids are not blank, and of at most 1977 bytes) and none is made
 * after `close`.
 *
 * **Reading** happens at subscription, emits one value and completes; synchronously where the engine can.
 * A record whose header is damaged ends a page before it; if it is the first one to examine, the read fails with a
 * `DeserializationError` that bears its number. One whose payload is damaged throws that when the payload is asked for.
 * Any other failure is a `StoreError`.
 *
 * **Writing** starts at the call, takes effect in the order of the calls, and resolves when it is durable;
 * nothing is visible to any reader before it is durable.
 */
export interface EventLog {
  /**
   * Appends the drafts, all or none, under contiguous numbers.
   *
   * @param now - The clock, in milliseconds since 1970; the timestamp is this, or that of the record before if later.
   */
  append(drafts: readonly NewRecord[], now: number): Promise<AppendResult>;

  /**
   * Appends records of another log, all or none, under the numbers and with the times that they have there: optional. An
   * engine that cannot append several at once may leave a beginning of them, and rejects with a `PartialBatchError` then.
   *
   * @param after - The number before the first of them. In a log that never held any record, numbers begin behind it.
   * @param records - In order, their numbers contiguous; there may be none.
   * @returns Whether `after` was the latest number; if not, nothing was appended.
   */
  importRecords?(after: number, records: readonly StoredRecord[]): Promise<boolean>;

  /**
   * Emits after each append that readers can see, by this process or another. Never errors.
   *
   * An engine may emit the records that this process has appended, in order and contiguous: that spares one read per append
   * while readers with filters wait.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a Subject<void> is the simplest engine
  readonly appended$: Observable<readonly StoredRecord[] | void>;

  /** Reads one page. */
  read(request: ReadRequest): Observable<LogPage>;

  /** Tells which numbers are held. */
  bounds(): Observable<LogBounds>;

  /** The first number held whose record was appended at this time or later; `latest + 1` if none was. */
  seqNumForTimestamp(timestamp: number): Observable<number>;

  /**
   * Lets go of the oldest records, as far as the request allows, in one transaction; their numbers are not given again.
   */
  trim(request: TrimRequest): Promise<TrimResult>;

  /**
   * Rearranges what is stored, for quicker reading, without a change that any reader could notice: optional.
   *
   * @param maxRecords - How many records to look at in this one transaction, about.
   * @returns Whether there may be more to do.
   */
  compact?(maxRecords: number): Promise<boolean>;

  /** How much room the records take, in bytes, about. */
  bytes(): Observable<number>;

  /**
   * Writes a checkpoint, whatever it was before.
   *
   * @param fence - A fencing token: what is written under an old one is refused, as `LeaseLog` says.
   */
  storeCheckpoint(watcherId: string, seqNum: number, fence?: number): Promise<void>;

  /** Reads a checkpoint; `undefined` if there is none. */
  getCheckpoint(watcherId: string): Observable<number | undefined>;

  /** Reads all checkpoints, of one moment. */
  checkpoints(): Observable<ReadonlyMap<string, number>>;

  /** Removes a checkpoint, if there is one. */
  deleteCheckpoint(watcherId: string): Promise<void>;

  /** Where it keeps dead letters: optional. */
  readonly deadLetters?: DeadLetterTable;

  /** Where it keeps leases: optional. Without them no fencing token is ever passed. */
  readonly leases?: LeaseTable;

  /** Waits for the writes under way, then lets go of the engine. Called once. */
  close(): Promise<void>;
}
