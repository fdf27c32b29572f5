import type { StandardSchemaV1 } from '@standard-schema/spec';
import { textOf } from './validation/format-value.ts';

/** One invalid part of a value. */
export interface Fault {
  /** Path from the checked value to the invalid part, for example `'object.user.name'`; `''` for the value itself. */
  readonly path: string;
  /** Expected and received value, for example `'must be a string; received an object'`. */
  readonly message: string;
}

const listed = (faults: readonly Fault[]): string =>
  faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');

/**
 * Base class of all errors of this library.
 *
 * @example
 * store.events(trimHorizon()).pipe(
 *   catchError((error) => (error instanceof WatcherLibraryError ? report(error.code) : throwError(() => error))),
 * )
 */
export abstract class WatcherLibraryError extends Error {
  /** Code of the error, for example `'ERR_STORE'`. It stays the same in later versions; the message can change. */
  abstract readonly code: string;

  /** Name of the class. Each class returns a literal, because a bundler can rename the class itself. */
  abstract override get name(): string;
}

/** The manager already has a watcher with this id. */
export class WatcherAlreadyExistsError extends WatcherLibraryError {
  override get name(): string {
    return 'WatcherAlreadyExistsError';
  }

  readonly code = 'ERR_WATCHER_ALREADY_EXISTS';

  constructor(watcherId: string) {
    super(`watcher '${watcherId}' already exists; remove it first or choose another id`);
  }
}

/** Another watcher with this id already runs on this store object, or a seek or a redrive of that watcher is in progress. */
export class WatcherAlreadyRunningError extends WatcherLibraryError {
  override get name(): string {
    return 'WatcherAlreadyRunningError';
  }

  readonly code = 'ERR_WATCHER_ALREADY_RUNNING';

  constructor(watcherId: string) {
    super(
      `watcher '${watcherId}' already runs on this store, and two runs would both handle every event; stop it first, choose another id, or share the id through a lease`,
    );
  }
}

/** The manager has no watcher with this id. */
export class WatcherNotFoundError extends WatcherLibraryError {
  override get name(): string {
    return 'WatcherNotFoundError';
  }

  readonly code = 'ERR_WATCHER_NOT_FOUND';

  constructor(watcherId: string) {
    super(`watcher '${watcherId}' does not exist: it was never created, or it was removed`);
  }
}

/** The watcher has no handler, so it cannot be started. */
export class NoHandlerError extends WatcherLibraryError {
  override get name(): string {
    return 'NoHandlerError';
  }

  readonly code = 'ERR_NO_HANDLER';

  /** @param advice - End of the message: how to set a handler. By default, the advice for a watcher of a manager. */
  constructor(
    watcherId: string,
    advice = 'pass handler, batchHandler or transactionHandler in its options, or call setHandler',
  ) {
    super(`watcher '${watcherId}' has no handler; ${advice}`);
  }
}

/** The watcher already has a handler, which cannot be replaced. */
export class HandlerExistsError extends WatcherLibraryError {
  override get name(): string {
    return 'HandlerExistsError';
  }

  readonly code = 'ERR_HANDLER_EXISTS';

  constructor(watcherId: string) {
    super(`watcher '${watcherId}' already has a handler`);
  }
}

/** The state of the watcher does not allow the call. */
export class InvalidStateError extends WatcherLibraryError {
  override get name(): string {
    return 'InvalidStateError';
  }

  readonly code = 'ERR_INVALID_STATE';

  constructor(watcherId: string, action: string, state: string) {
    super(`watcher '${watcherId}' cannot ${action}: it is ${state}`);
  }
}

/** Arguments, options or an event iterator are not valid, or the engine does not support them. */
export class InvalidOptionsError extends WatcherLibraryError {
  override get name(): string {
    return 'InvalidOptionsError';
  }

  readonly code = 'ERR_INVALID_OPTIONS';
  /** Every fault, not only the first one. */
  readonly faults: readonly Fault[];

  constructor(subject: string, faults: readonly Fault[]) {
    super(`invalid ${subject}: ${listed(faults)}`);
    this.faults = faults;
  }
}

/** An event or a dead letter to store, or the function passed to `transaction`, is not valid; nothing was stored. */
export class InvalidRequestError extends WatcherLibraryError {
  override get name(): string {
    return 'InvalidRequestError';
  }

  readonly code = 'ERR_INVALID_REQUEST';
  /** Every fault, not only the first one. In a batch, each path begins with the index of the request. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`invalid request: ${listed(faults)}; nothing was stored`);
    this.faults = faults;
  }
}

/**
 * The id of a request already belongs to an event that has another operation, object type or key; nothing was stored.
 *
 * @see [Idempotent producers](../docs/guides/idempotent-producers.md)
 */
export class DuplicateIdError extends WatcherLibraryError {
  override get name(): string {
    return 'DuplicateIdError';
  }

  readonly code = 'ERR_DUPLICATE_ID';
  /** Id that both events have. */
  readonly id: string;
  /** Sequence number of the stored event; `undefined` if both requests belong to the same batch. */
  readonly seqNum: number | undefined;
  /** Names of the fields that differ. */
  readonly differences: readonly string[];

  /** @param line - Number of the line of the request, if the requests come from lines of text. */
  constructor(id: string, seqNum: number | undefined, differences: readonly string[], line?: number) {
    const place = line === undefined ? '' : `line ${line}: `;
    const owner = seqNum === undefined ? 'an earlier request of the batch' : `event ${seqNum}`;
    super(
      `${place}the id '${id}' belongs to ${owner}, which differs in ${differences.join(', ')}; use a new id for each event; the request stored nothing`,
    );
    this.id = id;
    this.seqNum = seqNum;
    this.differences = differences;
  }
}

/**
 * A checkpoint is not valid: it moves backwards, or is after the last processed event or after the end of the log. A watcher
 * also fails with this error if another writer has moved its checkpoint, or if the checkpoint belongs to a deleted stream.
 */
export class CheckpointError extends WatcherLibraryError {
  override get name(): string {
    return 'CheckpointError';
  }

  readonly code = 'ERR_CHECKPOINT';
  readonly watcherId: string;

  constructor(watcherId: string, reason: string, options?: ErrorOptions) {
    super(`checkpoint of watcher '${watcherId}': ${reason}`, options);
    this.watcherId = watcherId;
  }
}

/** The lease of a watcher is lost: another process holds it, or it was not renewed in time. Nothing was written. */
export class LeaseLostError extends WatcherLibraryError {
  override get name(): string {
    return 'LeaseLostError';
  }

  readonly code = 'ERR_LEASE_LOST';
  readonly watcherId: string;
  /** Fencing token of the lost lease. */
  readonly token: number;

  constructor(watcherId: string, token: number, reason: string) {
    super(`watcher '${watcherId}' lost its lease, token ${token}: ${reason}`);
    this.watcherId = watcherId;
    this.token = token;
  }
}

/** A handler failed; `cause` is the error of the handler. */
export class EventHandlingError extends WatcherLibraryError {
  override get name(): string {
    return 'EventHandlingError';
  }

  readonly code = 'ERR_EVENT_HANDLING';
  /** Id of the watcher, or the option `watcherId` of `handleWith`. */
  readonly watcherId: string;
  /** Sequence number of the event, or of the first event of the batch. */
  readonly seqNum: number;
  /** Number of attempts so far, from 1. */
  readonly attempts: number;

  constructor(watcherId: string, seqNum: number, attempts: number, cause: unknown) {
    super(`watcher '${watcherId}' could not handle event ${seqNum} (attempt ${attempts}): ${textOf(cause)}`, {
      cause,
    });
    this.watcherId = watcherId;
    this.seqNum = seqNum;
    this.attempts = attempts;
  }
}

/** An object cannot be serialized, does not match its codec, or is too large; nothing was stored. */
export class SerializationError extends WatcherLibraryError {
  override get name(): string {
    return 'SerializationError';
  }

  readonly code = 'ERR_SERIALIZATION';
  /** Every fault of the object, not only the first one. */
  readonly faults: readonly Fault[];

  constructor(objectType: string, faults: readonly Fault[], options?: ErrorOptions) {
    super(`cannot store an object of type '${objectType}': ${listed(faults)}`, options);
    this.faults = faults;
  }
}

/** A stored event cannot be read: it is damaged, has an unknown version, or does not match its codec. */
export class DeserializationError extends WatcherLibraryError {
  override get name(): string {
    return 'DeserializationError';
  }

  readonly code = 'ERR_DESERIALIZATION';
  /**
   * Sequence number of the event; `undefined` if a serializer created the error, because a serializer receives only the
   * payload.
   */
  readonly seqNum: number | undefined;
  /** Faults of the stored event, for example of its payload or of parts of its object. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], options?: ErrorOptions & { readonly seqNum?: number }) {
    const subject = options?.seqNum === undefined ? 'an object' : `event ${options.seqNum}`;
    super(`cannot read ${subject}: ${listed(faults)}`, options);
    this.seqNum = options?.seqNum;
    this.faults = faults;
  }
}

/**
 * A schema of another library does not accept an object: the `cause` of a `SerializationError` or a `DeserializationError`.
 */
export class SchemaError extends WatcherLibraryError {
  override get name(): string {
    return 'SchemaError';
  }

  readonly code = 'ERR_SCHEMA';
  // Private, because loggers print public fields, and the messages of some libraries contain parts of the object.
  readonly #issues: readonly StandardSchemaV1.Issue[];

  constructor(vendor: string, issues: readonly StandardSchemaV1.Issue[]) {
    super(`the ${vendor} schema does not accept the object; see the property issues of this error`);
    this.#issues = issues;
  }

  /** Issues as the library reports them. They can contain parts of the object. */
  get issues(): readonly StandardSchemaV1.Issue[] {
    return this.#issues;
  }
}

/** The log no longer holds the event at which a read starts. A read from `trimHorizon()` avoids this error. */
export class SequenceTrimmedError extends WatcherLibraryError {
  override get name(): string {
    return 'SequenceTrimmedError';
  }

  readonly code = 'ERR_SEQUENCE_TRIMMED';
  /** Sequence number of the event iterator, for example 5 for `afterSequenceNumber(5)`. */
  readonly requested: number;
  /** Oldest sequence number of the log; if the log is empty, the number of the next event. */
  readonly oldest: number;

  constructor(requested: number, oldest: number) {
    super(`cannot read from sequence number ${requested}: the oldest event of the log is ${oldest}`);
    this.requested = requested;
    this.oldest = oldest;
  }
}

/** The target of a copy differs from the source, or another writer has appended to the target; nothing more was written. */
export class CopyConflictError extends WatcherLibraryError {
  override get name(): string {
    return 'CopyConflictError';
  }

  readonly code = 'ERR_COPY_CONFLICT';
  /** Sequence number of the event at which source and target differ. */
  readonly seqNum: number;

  constructor(seqNum: number, reason: string, options?: ErrorOptions) {
    super(`cannot continue the copy at event ${seqNum}: ${reason}`, options);
    this.seqNum = seqNum;
  }
}

/** The store is closed: every call after `close` fails with this error. */
export class StoreClosedError extends WatcherLibraryError {
  override get name(): string {
    return 'StoreClosedError';
  }

  readonly code = 'ERR_STORE_CLOSED';

  constructor() {
    super('the store is closed');
  }
}

/** A handler or the stop of a watcher did not end within its timeout. */
export class TimeoutError extends WatcherLibraryError {
  override get name(): string {
    return 'TimeoutError';
  }

  readonly code = 'ERR_TIMEOUT';

  constructor(subject: string, timeout: number) {
    super(`${subject} did not end within ${timeout} ms`);
  }
}

/** The engine failed: for example, the disk is full, or the file is damaged or cannot be opened. */
export class StoreError extends WatcherLibraryError {
  override get name(): string {
    return 'StoreError';
  }

  readonly code = 'ERR_STORE';
}

/**
 * Only some events of a batch are stored. This can happen on an engine without atomic batches. On JetStream with atomic
 * batches, it can happen above 1000 events, or if an older server leads the stream during an upgrade.
 */
export class PartialBatchError extends WatcherLibraryError {
  override get name(): string {
    return 'PartialBatchError';
  }

  readonly code = 'ERR_PARTIAL_BATCH';
  /**
   * Sequence numbers of the events that are known to be stored, in order. Other events of the batch may be stored, too, if
   * the reply of the server was lost.
   */
  readonly stored: readonly number[];

  constructor(stored: readonly number[], count: number, cause: unknown) {
    const numbers = stored.length === 0 ? '' : `, with the sequence numbers ${stored.join(', ')}`;
    super(`${stored.length} of ${count} events were stored${numbers}: ${textOf(cause)}`, { cause });
    this.stored = stored;
  }
}
