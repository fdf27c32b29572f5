import type { Observable, SchedulerLike, Unsubscribable } from 'rxjs';
import type { Lease, LeaseTable } from '../engine/contract/lease-table.ts';
import type { Event, EventHeader, RequestOf } from '../event/event.ts';
import type { EventFilter } from '../event/event-filter.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import type { DeadLetter, DeadLetterRequest } from './dead-letter.ts';
import type { Backlog } from './monitoring/backlog.ts';
import type { ManagerReports } from './monitoring/manager-reports.ts';
import type { StoreInfo } from './monitoring/store-info.ts';
import type { WatcherReport } from './monitoring/watcher-report.ts';
import type { Logger } from './reporting/logger.ts';
import type { Trouble } from './reporting/troubles.ts';

/** Options of `events` and `headers`. */
export interface EventsOptions {
  /** Filter of the events to emit. By default all events match. */
  readonly filter?: EventFilter | undefined;
  /**
   * Maximum number of events that one read scans. A higher number needs fewer reads and more memory.
   *
   * @defaultValue 1000
   */
  readonly batchSize?: number | undefined;
  /**
   * Whether to continue with new events at the tail. If `false`, the Observable completes after the event that was the last
   * one at the subscription.
   *
   * @defaultValue true
   */
  readonly live?: boolean | undefined;
}

/** Page to read with `getEvents`. */
export interface GetEventsRequest {
  /** Position at which the page starts. */
  readonly iterator: EventIterator;
  /**
   * Maximum number of events of the page; 0 for no limit.
   *
   * @defaultValue 0
   */
  readonly limit?: number | undefined;
  /**
   * Maximum number of events to scan, whether or not the filter matches them.
   *
   * @defaultValue 10 000
   */
  readonly batchSize?: number | undefined;
  /** Filter of the events of the page. By default all events match. */
  readonly filter?: EventFilter | undefined;
  /**
   * Maximum time to wait for an event, in milliseconds. `Infinity` sets no timer and does not keep the process alive. The
   * default is the store option of the same name.
   */
  readonly longPollingTimeout?: number | undefined;
  /** Id of the watcher that reads; used in logs and metrics. */
  readonly watcherId?: string | undefined;
}

/** Request of a watcher: `getEvents` also reports progress past excluded events while it waits. */
export interface WatcherPageRequest extends GetEventsRequest {
  /**
   * Called while the request waits, after an append of only excluded events, with the sequence number of the last one. The
   * request then continues to wait, until a matching event is appended or the timeout has passed. While more than 16 readers
   * wait, calls are delayed by about a second.
   */
  readonly onProgress?: ((seqNum: number) => void) | undefined;
}

/** Page of events, and the position at which the next page starts. */
export interface GetEventsResponse<E extends Event = Event> {
  /** Matching events, in order. */
  readonly events: readonly E[];
  /** Position of the next page: after the last scanned event. */
  readonly nextEventIterator: EventIterator;
}

/** Result of one run of garbage collection. */
export interface GarbageCollectionResult {
  /** Number of deleted events. */
  readonly deleted: number;
  /** Oldest sequence number of the log; `latest + 1` if the log is empty. */
  readonly oldestSeqNum: number;
}

/** Functions that write inside a transaction of a store. They can be called until the work function returns. */
export interface TransactionFunctions<E extends Event = Event> {
  /**
   * Appends an event to the log and returns it. The event is stored when the transaction commits.
   *
   * @throws `InvalidRequestError` if the request is not valid.
   * @throws `SerializationError` if the object cannot be serialized.
   */
  storeEvent(request: RequestOf<E>): E;
  /**
   * Stores the checkpoint of a watcher.
   *
   * @param fence - Fencing token of the lease of the watcher. By default the write is not fenced.
   * @throws `LeaseLostError` if a newer fencing token exists.
   */
  storeCheckpoint(watcherId: string, seqNum: number, fence?: number): void;
  /**
   * Deletes a dead letter if it exists.
   *
   * @param fence - Fencing token of the lease of the watcher. By default the deletion is not fenced.
   * @param partitionId - Id of the partition to which `fence` belongs. By default, it belongs to `watcherId`.
   * @throws `LeaseLostError` if a newer fencing token exists.
   */
  deleteDeadLetter(watcherId: string, seqNum: number, fence?: number, partitionId?: string): void;
}

/** Synchronous function that is called inside a transaction of a store. If the function throws, nothing is stored. */
export type TransactionWork<E extends Event, R> = (
  storeEvent: TransactionFunctions<E>['storeEvent'],
  storeCheckpoint: TransactionFunctions<E>['storeCheckpoint'],
  deleteDeadLetter: TransactionFunctions<E>['deleteDeadLetter'],
) => R;

/**
 * Durable, ordered log of events, with the checkpoints, dead letters and leases of its watchers.
 *
 * A method that writes starts at the call and returns a Promise. A method that reads returns a cold Observable, which does
 * nothing before it is subscribed to. Every method fails with a `StoreClosedError` after `close`, and with a `StoreError` if
 * the engine fails.
 *
 * @typeParam E - Type of the events; with codecs, a union with one member for each object type.
 */
export interface EventStore<E extends Event = Event> {
  /**
   * Stores one event. If the log holds an event with the `id` of the request, nothing is stored, and the Promise resolves with
   * that event. If the call fails with one of the following errors, nothing is stored.
   *
   * @returns The event as it is stored. The Promise resolves when the event is durable.
   * @throws `InvalidRequestError` if the request is not valid.
   * @throws `SerializationError` if the object cannot be serialized.
   * @throws `DuplicateIdError` if the event with the `id` has another operation, object type or key.
   * @see {@link EventStore.storeEvents}
   * @see [Idempotent producers](../../docs/guides/idempotent-producers.md)
   * @example
   * const event = await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { id: 'j1' } });
   */
  storeEvent<R extends RequestOf<E>>(request: R): Promise<E>;

  /**
   * Stores several events in one append: all of them under contiguous sequence numbers, or none. A failed call has stored some
   * of them only if its error is a `PartialBatchError`.
   *
   * A request with the `id` of an event that the log holds, or of an earlier request, stores nothing. The result then contains
   * the event that already has this `id`.
   *
   * @returns The events as they are stored, in the order of the requests. The Promise resolves when they are durable.
   * @throws `InvalidRequestError` if a request is not valid.
   * @throws `SerializationError` if an object cannot be serialized.
   * @throws `DuplicateIdError` if two different events have the same `id`.
   * @throws `PartialBatchError` if the engine cannot store all events atomically, and has stored only some of them.
   * @see {@link EventStore.storeEvent}
   */
  storeEvents(requests: readonly RequestOf<E>[]): Promise<readonly E[]>;

  /**
   * Emits the stored events from an iterator on, and then new events at the tail. With `live: false`, the Observable
   * completes after the stored events.
   *
   * Each subscription reads independently, and completes when the store closes. A live subscription keeps the process alive,
   * unless the store option `keepAlive` is `false`. There is no backpressure: a slow consumer, for example `concatMap`
   * with a slow inner Observable, queues the emitted events in memory. For slow handling, use `watch`, which reads an event
   * only when it can be delivered.
   *
   * @throws `SequenceTrimmedError` if the log no longer holds the event at which the read starts.
   * @throws `DeserializationError` if an event cannot be read. The events before it are emitted first.
   * @see {@link EventStore.headers}
   * @example
   * store.events(trimHorizon(), { filter: { objectTypes: ['Job'] } }).subscribe(({ object }) => show(object));
   */
  events(from: EventIterator, options?: EventsOptions): Observable<E>;

  /**
   * Emits events like `events`, but without their objects. Objects are not decoded, so an event with an undecodable object
   * is emitted, too. This is several times as fast as `events`, for example to count events.
   *
   * @throws `SequenceTrimmedError` if the log no longer holds the event at which the read starts.
   * @see {@link EventStore.events}
   * @example
   * store.headers(trimHorizon(), { live: false }).pipe(count(({ operation }) => operation === 'DELETE'))
   */
  headers(from: EventIterator, options?: EventsOptions): Observable<EventHeader<E>>;

  /**
   * Emits exactly one page and completes. If there is no event to scan, the read waits for an append. If
   * `longPollingTimeout` passes without an append, the page is empty. If the read scans only excluded events, the page is
   * empty, too, and is emitted immediately.
   *
   * @throws `SequenceTrimmedError` if the log no longer holds the event at which the read starts.
   * @throws `DeserializationError` if the first event of the page cannot be read. To skip the event, continue after its
   *   `seqNum`.
   */
  getEvents(request: GetEventsRequest): Observable<GetEventsResponse<E>>;

  /** Emits the sequence number of the last event, or 0 if no event was ever stored. */
  getLatestSeqNum(): Observable<number>;

  /**
   * Stores the checkpoint of a watcher. The store does not compare the new checkpoint with the log or with the previous
   * checkpoint; only watchers do.
   *
   * If the event after the checkpoint was deleted, each start of the watcher fails with a `SequenceTrimmedError` until `seek`
   * moves the checkpoint. Until then, garbage collection by age deletes nothing, because all events are after the checkpoint.
   *
   * @param fence - Fencing token of the lease of the watcher. By default the write is not fenced.
   * @throws `LeaseLostError` if a newer fencing token exists; nothing is stored.
   */
  storeCheckpoint(watcherId: string, seqNum: number, fence?: number): Promise<void>;

  /** Emits the checkpoint of a watcher, or `undefined` if it has none. */
  getCheckpoint(watcherId: string): Observable<number | undefined>;

  /**
   * Emits the checkpoints of all watchers, by watcher id. A watcher with partitions has one checkpoint for each partition, for
   * example under `mailer [3/16]`.
   */
  checkpoints(): Observable<ReadonlyMap<string, number>>;

  /**
   * Deletes the checkpoint of a watcher, and the checkpoints of its partitions. They then retain no events, and the watcher
   * starts at its `initialEventIterator` again.
   */
  deleteCheckpoint(watcherId: string): Promise<void>;

  /**
   * Stores a dead letter with a copy of its event and, atomically, the checkpoint of the watcher. An existing dead letter of
   * the event is replaced. Garbage collection does not delete dead letters.
   *
   * @param checkpoint - New checkpoint of the watcher. By default the checkpoint does not change.
   * @param fence - Fencing token of the lease of the watcher. By default the write is not fenced.
   * @param partitionId - Id of the partition to which `checkpoint` and `fence` belong, as in `checkpoints()`. By default,
   *   they belong to the watcher.
   * @throws `InvalidRequestError` if the dead letter is not valid.
   * @throws `InvalidOptionsError` if the engine does not support dead letters.
   * @throws `LeaseLostError` if a newer fencing token exists; nothing is stored, or the write is undone.
   */
  storeDeadLetter(
    deadLetter: DeadLetterRequest,
    checkpoint?: number,
    fence?: number,
    partitionId?: string,
  ): Promise<void>;

  /**
   * Emits the dead letters of a watcher, in the order of their sequence numbers.
   *
   * @param watcherId - By default, the dead letters of all watchers are emitted.
   * @throws `InvalidOptionsError` if the engine does not support dead letters.
   * @example
   * store.deadLetters('mailer').subscribe(({ seqNum, errors }) => report(seqNum, errors[0]?.message));
   */
  deadLetters(watcherId?: string): Observable<DeadLetter<E>>;

  /**
   * Deletes a dead letter if it exists.
   *
   * @throws `InvalidOptionsError` if the engine does not support dead letters.
   */
  deleteDeadLetter(watcherId: string, seqNum: number): Promise<void>;

  /**
   * Emits the leases of all watchers, by watcher id; an empty map if the engine does not support leases. A lease without an
   * `owner` was released. A lease of a process that has ended keeps its owner until another process takes it.
   *
   * @see [One active watcher](../../docs/guides/one-active-watcher.md)
   */
  leases(): Observable<ReadonlyMap<string, Lease>>;

  /**
   * Emits the log bounds, the size and further figures of the store. Reads the headers of two events, and no object.
   *
   * @see [Monitoring](../../docs/guides/monitoring.md)
   * @example
   * store.info().subscribe(({ latestSeqNum, bytes }) => console.log(`${latestSeqNum} events, ${bytes} bytes`));
   */
  info(): Observable<StoreInfo>;

  /**
   * Emits the watchers of all processes, ordered by id: watchers that a manager reports, and watchers that have only a
   * checkpoint. Managers report a change of state immediately. Checkpoint, lag and number of dead letters are read at the
   * subscription.
   *
   * A watcher of `watch` has no manager, so its state is `unknown`. After the stop of a manager, the state of its watchers
   * is `unknown`, too.
   *
   * @see [Monitoring](../../docs/guides/monitoring.md)
   * @example
   * store.watchers().subscribe((watchers) => console.table(watchers));
   */
  watchers(): Observable<readonly WatcherReport[]>;

  /**
   * Runs garbage collection once, like a scheduled run. Deletes the events beyond a limit of `retention`, and the events older
   * than `gcAgeThreshold` that every checkpoint has passed.
   */
  collectGarbage(): Promise<GarbageCollectionResult>;

  /** Completes live reads, ends waiting reads, waits for pending writes, and closes the engine. Idempotent. */
  close(): Promise<void>;

  /** Closes the store, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;

  /** Emits and completes when `close` is called; immediately if the store is already closed. */
  readonly closed$: Observable<void>;

  /**
   * Hot Observable that emits each trouble when it is found: a failed garbage collection, a checkpoint that retains old
   * events, or a clock that is ahead. A trouble is emitted again only if it has ended and returns. Never errors, and
   * completes when the store is closed.
   *
   * @see [Logs and warnings](../../docs/guides/logs-and-warnings.md)
   * @example
   * store.trouble$.subscribe(({ kind, message }) => page(kind, message));
   */
  readonly trouble$: Observable<Trouble>;

  /**
   * Imports events of another log with their sequence numbers and timestamps; `copyLog` uses it. Missing if the engine cannot
   * import. If the call fails with an `InvalidRequestError` or a `SerializationError`, nothing is stored.
   *
   * @param after - Sequence number before the first event. A log that never had an event accepts every number.
   * @param events - Events in order, with contiguous sequence numbers; the list can be empty.
   * @returns Whether the events were stored; `false` if the log does not end at `after`.
   * @throws `InvalidRequestError` if an event is not valid or does not follow the event before it.
   * @throws `SerializationError` if an object cannot be serialized.
   * @throws `PartialBatchError` if the engine cannot store all events atomically, and has stored only the first events.
   * @see `copyLog`
   */
  importEvents?(after: number, events: readonly E[]): Promise<boolean>;

  /**
   * Calls `work` inside one transaction. The writes of the functions that `work` receives are committed atomically. On LMDB,
   * the transaction includes the writes of the application to its own tables of the environment: the transactional outbox
   * pattern. If the transaction fails, nothing is stored. Missing if the engine has no transactions.
   *
   * `work` must be synchronous. Watchers wake after the commit. On LMDB, transactions that are requested at the same time
   * share a commit, and thus a flush of the disk. If the `work` of one transaction throws, the `work` of the other
   * transactions can be called again. `work` should therefore have no effects outside the environment.
   *
   * A transaction and an append that are requested at the same time can commit in either order. If the order matters, await
   * the first call before you make the second.
   *
   * @param work - Calls `storeEvent(request)`, which returns the event synchronously, `storeCheckpoint(watcherId, seqNum)`
   *   and `deleteDeadLetter(watcherId, seqNum)`. All these writes are stored if `work` does not throw.
   * @returns Promise of the result of `work`. It resolves when the transaction is durable.
   * @throws The error of `work`.
   * @throws `InvalidRequestError` if `work` is not a function or returns a Promise.
   * @throws `InvalidRequestError` if a request is not valid.
   * @throws `SerializationError` if an object cannot be serialized or is too large.
   * @throws `LeaseLostError` if a newer fencing token exists.
   * @throws `StoreError` if the engine cannot commit the transaction.
   * @see [Exactly-once results](../../docs/guides/exactly-once-results.md)
   * @example
   * await store.transaction((storeEvent) => {
   *   void orders.put(order.id, order);
   *   storeEvent({ operation: 'CREATE', objectType: 'Order', object: order });
   * });
   */
  transaction?<R>(work: TransactionWork<E, R>): Promise<R>;

  /** Parts of the store that managers, watchers and operators use; applications do not need them. */
  readonly internals: StoreInternals;
}

/** Event store on an engine that has transactions. */
export interface TransactionalEventStore<E extends Event = Event> extends EventStore<E> {
  /**
   * Calls `work` inside one transaction.
   *
   * @see {@link EventStore.transaction}
   */
  transaction<R>(work: TransactionWork<E, R>): Promise<R>;
}

/**
 * Parts of a store that managers, watchers and operators use. A store that wraps another store must have the same
 * `internals`, as `{ ...store, getEvents }` does.
 */
export interface StoreInternals {
  /** Clock and timers of the store; the default of its watchers. */
  readonly scheduler: SchedulerLike;

  /** Logger of the store and of its watchers. Without the store option `logger`, it emits process warnings. */
  readonly logger: Logger | undefined;

  /**
   * Prevents garbage collection by age from deleting events after a position, until the returned subscription is
   * unsubscribed.
   *
   * @param position - Returns the sequence number of the last event that the reader has passed.
   */
  readonly retainFrom: (position: () => number) => Unsubscribable;

  /**
   * Keeps the process alive until the returned subscription is unsubscribed or the store is closed, unless the store's
   * option `keepAlive` is `false`.
   */
  readonly keepAlive: () => Unsubscribable;

  /**
   * Claims a watcher's id for a run, a seek or a redrive on this store object, until the returned subscription is
   * unsubscribed. Two store objects on the same file or stream do not share claims, even in one process. To prevent a
   * second run on another store object, use a lease.
   *
   * @param owner - Object that represents the watcher. The same owner can claim its id several times.
   * @throws `WatcherAlreadyRunningError` if another owner claims the id.
   */
  readonly claim: (watcherId: string, owner: object) => Unsubscribable;

  /** Lease table of the engine, with validated arguments; `undefined` if the engine does not support leases. */
  readonly leases: LeaseTable | undefined;

  /** Reports of managers; `undefined` if the engine does not support reports. */
  readonly reports: ManagerReports | undefined;

  /** Returns an Observable that emits whether the store has checkpoints of partitions of a watcher. */
  readonly isPartitioned: (watcherId: string) => Observable<boolean>;

  /** Returns an Observable of the backlog after a position. The Observable reads at most one event header. */
  readonly backlog: (position: number) => Observable<Backlog>;
}
