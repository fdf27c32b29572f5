// The page in the browser imports these types. This file therefore imports only files that import nothing of Node.js.
import type { WatcherState } from '../store/monitoring/watcher-state.ts';

/** Action on a watcher: the last segment of `POST api/watchers/ID/ACTION`. */
export type WatcherAction = 'start' | 'stop' | 'pause' | 'resume' | 'seek';

/** Action on a dead letter: the last segment of `POST api/dead-letters/WATCHER/N/ACTION`. */
export type DeadLetterAction = 'redrive' | 'delete';

/** State in which a watcher is counted. A watcher is `stale` if all its reports are stale. */
export type CountedState = WatcherState | 'unknown' | 'stale';

/** Error of a handler, a read or a write. If the inspector redacts errors, only the name and the code remain. */
export interface ShownError {
  /** Name of the error class. */
  readonly name: string;
  /** Message; missing if it is hidden. */
  readonly message?: string;
  /** Stack trace; missing if the error has none, in lists, and if it is hidden. */
  readonly stack?: string;
  /** Code of the error; missing if the error has none. */
  readonly code?: string;
  /** `true` if the message and the stack are hidden. */
  readonly hidden?: true;
}

/** Response of `GET api/overview`, and data of the event `overview` of `GET api/live`. Timestamps are ISO dates. */
export interface Overview {
  /** Name of the engine, for example `lmdb`. */
  readonly engine: string;
  /** Sequence number of the oldest event; `latestSeqNum + 1` if the store holds no event. */
  readonly oldestSeqNum: number;
  /** Sequence number of the last event; 0 if no event was ever stored. */
  readonly latestSeqNum: number;
  /** Timestamp of the oldest event; missing if the store holds no event. */
  readonly oldestTimestamp?: string;
  /** Timestamp of the last event; missing if the store holds no event. */
  readonly latestTimestamp?: string;
  /** Approximate size of the events, in bytes. */
  readonly bytes: number;
  /** Size of the data file, in bytes; missing if the engine has no file. */
  readonly fileBytes?: number;
  /** Number of the dead letters of all watchers; missing if the engine does not support dead letters. */
  readonly deadLetters?: number;
  /** Number of watchers in each state. A watcher in several processes counts once, in the best of its states. */
  readonly watchers: Readonly<Partial<Record<CountedState, number>>>;
  /** Watcher with the highest lag time; `null` if every watcher has processed every event. */
  readonly worst: { readonly id: string; readonly lag: number; readonly lagTime: number } | null;
  /** Whether the inspector permits actions, because its option `readOnly` is `false`. */
  readonly canAct: boolean;
  /** Whether the inspector was created with `redact`. */
  readonly redacted: boolean;
  /** Name of the host of the process that serves the inspector. */
  readonly host: string;
  /** Id of the process that serves the inspector. */
  readonly pid: number;
  /** Version of the package `rx-watcher`. */
  readonly version: string;
  /**
   * Time of the read by the clock of the store. The page computes ages from this time, because the clock of the browser can
   * be different.
   */
  readonly now: string;
}

/** Watcher that the manager of one process reports, or watcher that no manager reports and that has only a checkpoint. */
export interface WatcherRow {
  /** Id of the watcher. With leases, several rows can have the same id; `id` and `owner` identify a row. */
  readonly id: string;
  /** State; `unknown` if no manager reports the watcher. */
  readonly state: WatcherState | 'unknown';
  /** Process of the manager that reports the watcher; missing if no manager reports it. */
  readonly owner?: { readonly host: string; readonly pid: number };
  /** Stored checkpoint; missing if the watcher has not stored a checkpoint. */
  readonly checkpoint?: number;
  /** Number of events between the checkpoint and the end of the log; missing if the position is not known. */
  readonly lag?: number;
  /** Age of the oldest stored event after the checkpoint, in milliseconds; missing if `lag` is missing. */
  readonly lagTime?: number;
  /** Number of dead letters of the watcher; missing if the engine does not support dead letters. */
  readonly deadLetters?: number;
  /** Last error, which remains after the watcher has recovered. */
  readonly lastError?: ShownError;
  /** Time of the report; missing if no manager reports the watcher. */
  readonly reportedAt?: string;
  /** Whether the report is older than three report intervals: the process has ended or is blocked. */
  readonly stale: boolean;
  /** Number of partitions, and indices of those that the process handles; missing if the watcher has no partitions. */
  readonly partitions?: { readonly count: number; readonly owned: readonly number[] };
  /**
   * Whether the watcher belongs to the manager of the inspector. The state of such a watcher is the current state and not a
   * reported one.
   */
  readonly local: boolean;
  /** Counts since the creation of the watcher; missing unless the watcher is local. */
  readonly counts?: { readonly handled: number; readonly skipped: number; readonly retries: number };
  /** Actions that are possible in the state of the watcher; empty if the inspector is read-only. */
  readonly actions: readonly (WatcherAction | 'redrive')[];
}

/** Response of `GET api/watchers`, and data of the event `watchers` of `GET api/live`. */
export interface WatcherList {
  /** Watchers, ordered by id, host and process. */
  readonly watchers: readonly WatcherRow[];
  /** Time of the read by the clock of the store. */
  readonly now: string;
}

/** Lease of a watcher, of one of its partitions, or of a process that shares its partitions. */
export interface LeaseRow {
  /**
   * Id of the lease. The lease of a watcher has the id of the watcher, and the lease of a partition, for example, the id
   * `mailer [3/16]`.
   */
  readonly id: string;
  /** Id of the watcher, even if the lease belongs to a partition or to a process. */
  readonly watcherId: string;
  /** Description of the process that holds the lease; missing if the lease is released. */
  readonly owner?: string;
  /** Fencing token, which increases with each grant of the lease. */
  readonly token: number;
}

/** Response of `GET api/leases`, and data of the event `leases` of `GET api/live`. */
export interface LeaseList {
  /** Leases, ordered by id. */
  readonly leases: readonly LeaseRow[];
}

/**
 * Event in a list. `GET api/events/follow` sends the same object as the data of a server-sent event with the name `event`. The
 * id of this server-sent event is the sequence number.
 */
export interface EventRow {
  readonly seqNum: number;
  /** Timestamp, an ISO date. */
  readonly timestamp: string;
  /** Kind of change. */
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Kind of object that the event is about, for example `Order`. */
  readonly objectType: string;
  /** Identity of the object; missing if the event has none or `redact` hides it. */
  readonly key?: string;
  /** Identity of the event; missing if the event has none or `redact` hides it. */
  readonly id?: string;
  /** First 200 characters of the object as JSON; missing if there is a `problem`. */
  readonly preview?: string;
  /** Reason why the object cannot be shown. */
  readonly problem?: 'undecodable' | 'hidden';
}

/**
 * Response of `GET api/events`.
 *
 * A page covers the range from `first` to `last`, and contains all events of this range that match the filter, in the order
 * of the log. One response scans a limited part of the log, so a page can be empty although there are matching events before
 * or after its range.
 */
export interface EventPage {
  /** Matching events, in the order of the log. */
  readonly events: readonly EventRow[];
  /** First sequence number of the range. */
  readonly first: number;
  /** Last sequence number of the range; `first - 1` if the range is empty. */
  readonly last: number;
  /** Value of `before` for the page before this one; `null` at the oldest event or at `since`. */
  readonly previous: number | null;
  /** Value of `from` for the page after this one; `null` at the end of the log or at `until`. */
  readonly next: number | null;
  /** Oldest sequence number of the log. */
  readonly oldest: number;
  /** Last sequence number of the log. */
  readonly latest: number;
}

/** Response of `GET api/events/N`: one event in full. */
export interface EventDetail extends Omit<EventRow, 'preview'> {
  /** Object as JSON; missing if there is a `problem`. Bytes are shown in base64, and big integers as text. */
  readonly object?: unknown;
  /** Metadata; missing if the event has none or `redact` hides it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Size of the object as JSON in UTF-8, in bytes; missing if the object cannot be shown. */
  readonly size?: number;
  /** Error of an object that cannot be read. */
  readonly error?: ShownError;
}

/** Dead letter in a list: without the object of its event, and with only the last error. */
export interface DeadLetterRow {
  /** Id of the watcher that has given the event up. */
  readonly watcherId: string;
  readonly seqNum: number;
  /** Number of attempts, including those of redrives. */
  readonly attempts: number;
  /** Time of the first attempt, an ISO date. */
  readonly firstTime: string;
  /** Time at which the last attempt failed, an ISO date. */
  readonly lastTime: string;
  /** Error of the last attempt, without its stack; missing if none was stored. */
  readonly error?: ShownError;
  /** Object type of the event; missing if the event cannot be read. */
  readonly objectType?: string;
  /** Operation of the event; missing if the event cannot be read. */
  readonly operation?: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Key of the event; missing if the event has no key or cannot be read, or if `redact` hides the key. */
  readonly key?: string;
  /** Actions that are possible; empty if the inspector is read-only. */
  readonly actions: readonly DeadLetterAction[];
}

/** Response of `GET api/dead-letters`. */
export interface DeadLetterPage {
  /** Dead letters, in the order of their sequence numbers and watcher ids. */
  readonly deadLetters: readonly DeadLetterRow[];
  /** Value of `after` for the next page; `null` on the last page. */
  readonly next: string | null;
}

/** Response of `GET api/dead-letters/WATCHER/N`: one dead letter in full. */
export interface DeadLetterDetail extends DeadLetterRow {
  /** Error of the last attempt, followed by its causes, with their stacks. */
  readonly errors: readonly ShownError[];
  /** Copy of the event; missing if it cannot be read. */
  readonly event?: EventDetail;
}

/** Body of `POST api/watchers/ID/seek`. The bodies of all other actions are empty objects. */
export interface SeekBody {
  /** Position at which the watcher continues, for example `{ "type": "at_sequence_number", "sequenceNumber": 5 }`. */
  readonly iterator:
    | { readonly type: 'trim_horizon' }
    | { readonly type: 'latest' }
    | { readonly type: 'at_sequence_number'; readonly sequenceNumber: number }
    | { readonly type: 'after_sequence_number'; readonly sequenceNumber: number }
    | { readonly type: 'at_timestamp'; readonly timestamp: number };
}

/** Response of `POST api/watchers/WATCHER/ACTION`. */
export interface WatcherActionResult {
  readonly id: string;
  /** State after the action. */
  readonly state: WatcherState;
}

/** Response of a request that redrives or deletes dead letters. */
export interface DeadLetterActionResult {
  /** Number of dead letters that were handled by a redrive, or deleted. */
  readonly removed: number;
  /** Number of dead letters that failed again and remain. */
  readonly failed: number;
  /** Dead letters that failed again, at most the first 100. */
  readonly failures: readonly { readonly seqNum: number; readonly error: ShownError }[];
}

/**
 * Body of a response with status 400 or higher, with the content type `application/problem+json`. It is also the data of the
 * event `problem` of `GET api/live` and `GET api/events/follow`.
 */
export interface Problem {
  /** HTTP status code. */
  readonly status: number;
  /** Reason phrase of the status. */
  readonly title: string;
  /** Explanation of the fault, and the way to correct the request. */
  readonly detail: string;
  /** Code of the error, for example `'ERR_INVALID_STATE'`. */
  readonly code: string;
}
