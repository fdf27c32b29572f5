import type { Observable, SchedulerLike, Unsubscribable } from 'rxjs';
import type { LeaseTable } from '../engine/contract/lease-table.ts';
import type { Event, EventHeader, RequestOf } from '../event/event.ts';
import type { EventFilter } from '../event/event-filter.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import type { DeadLetter, DeadLetterRequest } from './dead-letter.ts';
import type { Logger } from './reporting/logger.ts';
import type { Trouble } from './reporting/troubles.ts';

/** How `events` reads. */
export interface EventsOptions {
  /** Which events to emit. Default: all. */
  readonly filter?: EventFilter | undefined;
  /** Events examined per read. Default 1000. */
  readonly batchSize?: number | undefined;
  /** Whether to follow the tail; if not, it ends with the event that was the latest at subscription. Default true. */
  readonly live?: boolean | undefined;
}

/** Which page to read. */
export interface GetEventsRequest {
  /** Where to start. */
  readonly iterator: EventIterator;
  /** The most events to give; 0 for no limit. Default 0. */
  readonly limit?: number | undefined;
  /** The most events to examine. Default 10 000. */
  readonly batchSize?: number | undefined;
  /** Which events to give. Default: all. */
  readonly filter?: EventFilter | undefined;
  /** How long to wait, in milliseconds, when there is nothing; `Infinity` keeps no timer, and no process alive. Default: the store's. */
  readonly longPollingTimeout?: number | undefined;
  /** Id of the watcher that reads; used in logs and metrics. */
  readonly watcherId?: string | undefined;
}

/** Request of a watcher: `getEvents` also reports progress past excluded events while it waits. */
export interface WatcherPageRequest extends GetEventsRequest {
  /**
   * Called while the request waits, with the number up to which the filter excludes every event. The wait goes on: an
   * excluded event alone does not end it with an empty page.
   */
  readonly onProgress?: ((seqNum: number) => void) | undefined;
  /** Maximum delay of `onProgress`, in milliseconds. Calls are delayed only while many readers wait. Default 0. */
  readonly progressInterval?: number | undefined;
}

/** One page of events. */
export interface GetEventsResponse<E extends Event = Event> {
  /** The events, in order; empty if there was nothing to give. */
  readonly events: readonly E[];
  /** Where to go on: past the events given, and past those that the filter left out. */
  readonly nextEventIterator: EventIterator;
}

/** What a run of garbage collection has done. */
export interface GarbageCollectionResult {
  /** How many events it let go of. */
  readonly deleted: number;
  /** The oldest event still held; `latest + 1` if none is. */
  readonly oldestSeqNum: number;
}

/**
 * A durable, ordered log of events, and a checkpoint for each of those who follow it.
 *
 * What must happen returns a Promise and starts at the call; what is read returns a cold Observable and does nothing
 * before it is subscribed to. Every method fails with a `StoreClosedError` once the store is closed; failures of the
 * engine are a `StoreError`.
 *
 * @typeParam E - The events it holds; a union of `Event`s for a store with codecs.
 */
export interface EventStore<E extends Event = Event> {
  /**
   * Stores one event.
   *
   * @returns The event as stored, once it is durable.
   * @throws InvalidRequestError, SerializationError: nothing was stored.
   * @example
   * const event = await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { id: 'j1' } });
   */
  storeEvent<R extends RequestOf<E>>(request: R): Promise<E>;

  /**
   * Stores several events in one atomic append: all of them under contiguous numbers, or none.
   *
   * @returns The events as stored, in the order of the requests, once they are durable.
   * @throws InvalidRequestError, SerializationError: nothing was stored.
   */
  storeEvents(requests: readonly RequestOf<E>[]): Promise<readonly E[]>;

  /**
   * Replays what is stored from an iterator on, then follows the tail for ever, or, with `live: false`, completes.
   *
   * Each subscription has a cursor of its own. It completes when the store closes. A live one keeps the process alive, unless
   * the store's option `keepAlive` is off. It pushes, as Observables do: a consumer that cannot keep up, `concatMap` with a slow inner Observable, queues what it was sent. Handling that
   * takes time belongs in `watch`, which reads only what was handled.
   *
   * @throws SequenceTrimmedError if it is to start, by number, below the oldest event held.
   * @throws DeserializationError at an event that cannot be read; those before it were emitted.
   * @example
   * store.events(trimHorizon(), { filter: { objectTypes: ['Job'] } }).subscribe(({ object }) => show(object));
   */
  events(from: EventIterator, options?: EventsOptions): Observable<E>;

  /**
   * The same without the objects, which are neither read nor decoded: an event whose object cannot be read is one like
   * any other here. For counting, for times and numbers, and for looking what there is, several times as fast.
   *
   * @throws SequenceTrimmedError if it is to start, by number, below the oldest event held.
   * @example
   * store.headers(trimHorizon(), { live: false }).pipe(count(({ operation }) => operation === 'DELETE'))
   */
  headers(from: EventIterator, options?: EventsOptions): Observable<EventHeader<E>>;

  /**
   * Emits exactly one page and completes. If there is nothing to give and the iterator has not moved either, it waits
   * for an append, up to the long polling timeout, and then emits an empty page. With `onProgress`, it waits for an append
   * that the filter lets through.
   *
   * @throws SequenceTrimmedError if it is to start, by number, below the oldest event held.
   * @throws DeserializationError if the first event of the page cannot be read; go on after its `seqNum`.
   */
  getEvents(request: GetEventsRequest): Observable<GetEventsResponse<E>>;

  /** The number of the event that was stored last; 0 while none ever was. */
  getLatestSeqNum(): Observable<number>;

  /**
   * Stores a watcher's checkpoint as it is given; only watchers check it.
   *
   * A checkpoint below the oldest event held is stored, too: the watcher then fails with a `SequenceTrimmedError` when it
   * starts, until `seek` moves it, and garbage collection by age deletes nothing meanwhile.
   *
   * @param fence - The token of the lease under which it is written. Default: under none.
   * @throws LeaseLostError if that token is no longer the newest; nothing was stored.
   */
  storeCheckpoint(watcherId: string, seqNum: number, fence?: number): Promise<void>;

  /** A watcher's checkpoint; `undefined` if it has none. */
  getCheckpoint(watcherId: string): Observable<number | undefined>;

  /** All checkpoints, by watcher. */
  checkpoints(): Observable<ReadonlyMap<string, number>>;

  /** Forgets a watcher's checkpoint. */
  deleteCheckpoint(watcherId: string): Promise<void>;

  /**
   * Keeps an event that a watcher gave up, with a copy of the event, and moves the watcher's checkpoint: both or
   * neither. One that is kept already is replaced. Garbage collection leaves it.
   *
   * @param checkpoint - The checkpoint from now on. Default: as it is.
   * @param fence - The token of the lease under which it is written. Default: under none.
   * @throws InvalidRequestError if the letter is none.
   * @throws InvalidOptionsError if the engine keeps no dead letters.
   * @throws LeaseLostError if that token is no longer the newest; nothing was stored, or it was taken back.
   */
  storeDeadLetter(letter: DeadLetterRequest, checkpoint?: number, fence?: number): Promise<void>;

  /**
   * Emits the dead letters of a watcher, in order of their numbers.
   *
   * @throws InvalidOptionsError if the engine keeps no dead letters.
   * @example
   * store.deadLetters('mailer').subscribe(({ seqNum, errors }) => report(seqNum, errors[0]?.message));
   */
  deadLetters(watcherId: string): Observable<DeadLetter<E>>;

  /** Forgets a dead letter. */
  deleteDeadLetter(watcherId: string, seqNum: number): Promise<void>;

  /**
   * Deletes the events beyond a limit of `retention`, and those older than `gcAgeThreshold` that every checkpoint has
   * passed: one run, as the schedule does it.
   *
   * @returns How many events went, and the oldest still held.
   */
  collectGarbage(): Promise<GarbageCollectionResult>;

  /** Completes what is live, ends what waits, lets writes under way finish, and lets go of the engine. Idempotent. */
  close(): Promise<void>;

  /** Closes it, as `close` does: for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;

  /** Emits and completes when the store is closed; at once, if it is. */
  readonly closed$: Observable<void>;

  /**
   * Operational trouble as it is found: garbage collection that fails, or is held, and a clock that ran ahead. Hot; emits a
   * trouble once until it is over, never errors, and completes when the store is closed.
   *
   * @example
   * store.trouble$.subscribe(({ kind, message }) => page(kind, message));
   */
  readonly trouble$: Observable<Trouble>;

  /**
   * Stores events of another log, all or none, under the numbers and with the times that they have there: what `copyLog`
   * does. Missing if the engine cannot.
   *
   * @param after - The number before the first of them. In a log that never held any event, numbers begin behind it.
   * @param events - In order, their numbers contiguous; there may be none.
   * @returns Whether `after` was the number of the event stored last; if not, nothing was stored.
   * @throws InvalidRequestError, SerializationError: nothing was stored.
   */
  importEvents?(after: number, events: readonly E[]): Promise<boolean>;

  /** Parts of the store that managers, watchers and operators use; applications do not need them. */
  readonly internals: StoreInternals;
}

/**
 * Parts of a store that managers, watchers and operators use. A store that wraps another one passes them on, as
 * `{ ...store, getEvents }` does.
 */
export interface StoreInternals {
  /** Clock and timers of the store; the default of its watchers. */
  readonly scheduler: SchedulerLike;

  /** Logger of the store and of its watchers; `undefined` if the options have none. */
  readonly logger: Logger | undefined;

  /**
   * Pins garbage collection: it deletes no event after a position until the returned subscription is unsubscribed.
   *
   * @param position - Returns the number of the last event that the reader has passed.
   */
  readonly retainFrom: (position: () => number) => Unsubscribable;

  /**
   * Keeps the process alive until the returned subscription is unsubscribed or the store is closed, unless the store's
   * option `keepAlive` is `false`.
   */
  readonly keepAlive: () => Unsubscribable;

  /**
   * Claims a watcher's id for a run, a seek or a redrive on this store object, until the returned subscription is
   * unsubscribed. Store objects on one file or stream share no claims, even in one process: use a lease there.
   *
   * @param owner - Object that stands for the watcher: it may claim its id several times at once.
   * @throws `WatcherAlreadyRunningError` if another owner claims the id.
   */
  readonly claim: (watcherId: string, owner: object) => Unsubscribable;

  /** Leases of the watchers; `undefined` if the engine keeps none. */
  readonly leases: LeaseTable | undefined;
}
