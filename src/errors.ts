import { textOf } from './validation/format-value.ts';

/** One thing that is wrong with a value: where it is, and what was expected there. */
export interface Fault {
  /** Where, as a path from the value that was checked: `'object.user.name'`; `''` is the value itself. */
  readonly path: string;
  /** What is wrong there and what was expected. */
  readonly message: string;
}

const listed = (faults: readonly Fault[]): string =>
  faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');

/**
 * What every error of this library is an instance of.
 *
 * @example
 * store.events(trimHorizon()).pipe(
 *   catchError((error) => (error instanceof WatcherLibraryError ? report(error.code) : throwError(() => error))),
 * )
 */
export abstract class WatcherLibraryError extends Error {
  /** Tells what went wrong; it never changes, though the message may. */
  abstract readonly code: string;

  /** Name of the class: a literal, because a bundler may rename the class itself. */
  abstract override get name(): string;
}

/** A watcher of this id is there already. */
export class WatcherAlreadyExistsError extends WatcherLibraryError {
  override get name(): string {
    return 'WatcherAlreadyExistsError';
  }

  readonly code = 'ERR_WATCHER_ALREADY_EXISTS';

  constructor(watcherId: string) {
    super(`a watcher '${watcherId}' exists already; remove it first or choose another id`);
  }
}

/** A watcher of this id runs on this store already, in this process. */
export class WatcherAlreadyRunningError extends WatcherLibraryError {
  override get name(): string {
    return 'WatcherAlreadyRunningError';
  }

  readonly code = 'ERR_WATCHER_ALREADY_RUNNING';

  constructor(watcherId: string) {
    super(
      `a watcher '${watcherId}' runs on this store already: both would handle every event; stop it first, choose another id, or share the id by a lease`,
    );
  }
}

/** The manager knows no watcher of this id. */
export class WatcherNotFoundError extends WatcherLibraryError {
  override get name(): string {
    return 'WatcherNotFoundError';
  }

  readonly code = 'ERR_WATCHER_NOT_FOUND';

  constructor(watcherId: string) {
    super(`no watcher '${watcherId}'; it was never created, or it was removed`);
  }
}

/** A watcher cannot be started before it has a handler. */
export class NoHandlerError extends WatcherLibraryError {
  override get name(): string {
    return 'NoHandlerError';
  }

  readonly code = 'ERR_NO_HANDLER';

  constructor(watcherId: string) {
    super(`watcher '${watcherId}' has no handler; give one in its options or with setHandler`);
  }
}

/** A watcher has one handler, and this one has it already. */
export class HandlerExistsError extends WatcherLibraryError {
  override get name(): string {
    return 'HandlerExistsError';
  }

  readonly code = 'ERR_HANDLER_EXISTS';

  constructor(watcherId: string) {
    super(`watcher '${watcherId}' has a handler already`);
  }
}

/** The watcher is in a state in which this cannot be done. */
export class InvalidStateError extends WatcherLibraryError {
  override get name(): string {
    return 'InvalidStateError';
  }

  readonly code = 'ERR_INVALID_STATE';

  constructor(watcherId: string, action: string, state: string) {
    super(`watcher '${watcherId}' is ${state}: it cannot ${action} now`);
  }
}

/** Options, or an iterator, that make no sense; `faults` lists all that is wrong with them. */
export class InvalidOptionsError extends WatcherLibraryError {
  override get name(): string {
    return 'InvalidOptionsError';
  }

  readonly code = 'ERR_INVALID_OPTIONS';
  /** Everything that is wrong, by path. */
  readonly faults: readonly Fault[];

  constructor(what: string, faults: readonly Fault[]) {
    super(`invalid ${what}: ${listed(faults)}`);
    this.faults = faults;
  }
}

/** A request to store something that is not an event; nothing was written. */
export class InvalidRequestError extends WatcherLibraryError {
  override get name(): string {
    return 'InvalidRequestError';
  }

  readonly code = 'ERR_INVALID_REQUEST';
  /** Everything that is wrong, by path; the path of a batch begins with the request's index. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`invalid request: ${listed(faults)}; nothing was stored`);
    this.faults = faults;
  }
}

/** A checkpoint that cannot be: backwards, past what was handled, beyond the log. */
export class CheckpointError extends WatcherLibraryError {
  override get name(): string {
    return 'CheckpointError';
  }

  readonly code = 'ERR_CHECKPOINT';
  /** Whose checkpoint. */
  readonly watcherId: string;

  constructor(watcherId: string, reason: string, options?: ErrorOptions) {
    super(`checkpoint of watcher '${watcherId}': ${reason}`, options);
    this.watcherId = watcherId;
  }
}

/** The lease under which something was to be done has gone to another, or may have: nothing was written. */
export class LeaseLostError extends WatcherLibraryError {
  override get name(): string {
    return 'LeaseLostError';
  }

  readonly code = 'ERR_LEASE_LOST';
  /** Whose lease. */
  readonly watcherId: string;
  /** The fencing token of the grant that is over. */
  readonly token: number;

  constructor(watcherId: string, token: number, reason: string) {
    super(`watcher '${watcherId}' lost its lease, token ${token}: ${reason}`);
    this.watcherId = watcherId;
    this.token = token;
  }
}

/** A handler failed; `cause` is what it threw. */
export class EventHandlingError extends WatcherLibraryError {
  override get name(): string {
    return 'EventHandlingError';
  }

  readonly code = 'ERR_EVENT_HANDLING';
  /** Whose handler. */
  readonly watcherId: string;
  /** The event that it was given. */
  readonly seqNum: number;
  /** How many times it was tried so far. */
  readonly attempts: number;

  constructor(watcherId: string, seqNum: number, attempts: number, cause: unknown) {
    const what = `watcher '${watcherId}' could not handle event ${seqNum} (attempt ${attempts})`;
    super(`${what}: ${textOf(cause)}`, { cause });
    this.watcherId = watcherId;
    this.seqNum = seqNum;
    this.attempts = attempts;
  }
}

/** An object that the store's format cannot hold; nothing was written. */
export class SerializationError extends WatcherLibraryError {
  override get name(): string {
    return 'SerializationError';
  }

  readonly code = 'ERR_SERIALIZATION';
  /** Everything that is wrong with the object, by path. */
  readonly faults: readonly Fault[];

  constructor(objectType: string, faults: readonly Fault[], options?: ErrorOptions) {
    super(`cannot store this '${objectType}': ${listed(faults)}`, options);
    this.faults = faults;
  }
}

/** What is stored cannot be read back: damaged, of an unknown version, or not of its codec's shape. */
export class DeserializationError extends WatcherLibraryError {
  override get name(): string {
    return 'DeserializationError';
  }

  readonly code = 'ERR_DESERIALIZATION';
  /** The event that cannot be read; `undefined` while a serializer, which sees the object alone, is the one to tell. */
  readonly seqNum: number | undefined;
  /** Everything that is wrong, by path. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], options?: ErrorOptions & { readonly seqNum?: number }) {
    const which = options?.seqNum === undefined ? 'an object' : `event ${options.seqNum}`;
    super(`cannot read ${which}: ${listed(faults)}`, options);
    this.seqNum = options?.seqNum;
    this.faults = faults;
  }
}

/** Events that were asked for by number are no longer held. `trimHorizon()` asks for whatever is left. */
export class SequenceTrimmedError extends WatcherLibraryError {
  override get name(): string {
    return 'SequenceTrimmedError';
  }

  readonly code = 'ERR_SEQUENCE_TRIMMED';
  /** The number, as it was given. */
  readonly requested: number;
  /** The oldest event still held; in an emptied log the number that the next event will have. */
  readonly oldest: number;

  constructor(requested: number, oldest: number) {
    super(`cannot read from ${requested}: the oldest event still held is ${oldest}`);
    this.requested = requested;
    this.oldest = oldest;
  }
}

/** The target of a copy holds something else than the beginning of the source; nothing more was written. */
export class CopyConflictError extends WatcherLibraryError {
  override get name(): string {
    return 'CopyConflictError';
  }

  readonly code = 'ERR_COPY_CONFLICT';
  /** The event at which the two differ. */
  readonly seqNum: number;

  constructor(seqNum: number, reason: string, options?: ErrorOptions) {
    super(`cannot copy on from event ${seqNum}: ${reason}`, options);
    this.seqNum = seqNum;
  }
}

/** The store was closed. */
export class StoreClosedError extends WatcherLibraryError {
  override get name(): string {
    return 'StoreClosedError';
  }

  readonly code = 'ERR_STORE_CLOSED';

  constructor() {
    super('the store is closed');
  }
}

/** Something did not end within the time that it was given. */
export class TimeoutError extends WatcherLibraryError {
  override get name(): string {
    return 'TimeoutError';
  }

  readonly code = 'ERR_TIMEOUT';

  constructor(what: string, timeout: number) {
    super(`${what} did not end within ${timeout} ms`);
  }
}

/** The engine failed: the disk or the map is full, the file is damaged or cannot be opened. */
export class StoreError extends WatcherLibraryError {
  override get name(): string {
    return 'StoreError';
  }

  readonly code = 'ERR_STORE';
}

/** Some events of a batch were stored and others not: on an engine whose batches are not atomic. */
export class PartialBatchError extends WatcherLibraryError {
  override get name(): string {
    return 'PartialBatchError';
  }

  readonly code = 'ERR_PARTIAL_BATCH';
  /** The numbers of those that were stored for certain, in order. */
  readonly stored: readonly number[];

  constructor(stored: readonly number[], count: number, cause: unknown) {
    const which = stored.length === 0 ? '' : `, under ${stored.join(', ')}`;
    super(`${stored.length} of ${count} events were stored${which}: ${textOf(cause)}`, { cause });
    this.stored = stored;
  }
}
