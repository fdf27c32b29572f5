import type { Observable, SchedulerLike, Unsubscribable } from 'rxjs';
import type { Lease, NewLease } from '../engine/contract/lease-table.ts';
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
  /**
   * Is told, while one waits, up to where there is nothing but what the filter leaves out. The wait goes on behind it: the
   * page is not empty then for that alone, and nobody asks anew for each event that does not concern him.
   */
  readonly onProgress?: ((seqNum: number) => void) | undefined;
  /**
   * How late, in milliseconds, `onProgress` may be called: it is while many wait. What the filter lets through is given at
   * once. Default 0.
   */
  readonly progressInterval?: number | undefined;
  /** Which watcher asks. */
  readonly watcherId?: string | undefined;
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

  /** What its clock and timers run on, and those of its watchers unless they are told otherwise. */
  readonly scheduler?: SchedulerLike;

  /**
   * Keeps garbage collection from overtaking a reader of this process that has no checkpoint to hold its place.
   *
   * @param place - Tells the last event that the reader has passed.
   * @returns What ends it.
   */
  readonly retainFrom?: (place: () => number) => Unsubscribable;

  /**
   * Keeps the process alive, unless the store's option `keepAlive` is off, until the store is closed.
   *
   * @returns What ends it.
   */
  readonly keepAlive?: () => Unsubscribable;

  /**
   * Claims a watcher's id for a run, a seek or a redrive on this store object. Store objects on one file or stream share no
   * claims, even in one process: there, a lease keeps two watchers of one id apart.
   *
   * @param owner - Object that stands for the watcher: it may claim its id several times at once.
   * @returns What ends the claim.
   * @throws `WatcherAlreadyRunningError` if another owner claims the id.
   */
  readonly claim?: (watcherId: string, owner: object) => Unsubscribable;

  /** Emits and completes when the store is closed; at once, if it is. */
  readonly closed$?: Observable<void>;

  /**
   * Operational trouble as it is found: garbage collection that fails, or is held, and a clock that ran ahead. Hot; emits a
   * trouble once until it is over, never errors, and completes when the store is closed.
   *
   * @example
   * store.trouble$.subscribe(({ kind, message }) => page(kind, message));
   */
  readonly trouble$: Observable<Trouble>;

  /** Where it and its watchers warn. */
  readonly logger?: Logger;

  /** The right to run a watcher, as it is; `undefined` if nobody ever had it. Missing if the engine keeps no leases. */
  readonly getLease?: (watcherId: string) => Observable<Lease | undefined>;

  /**
   * Writes the right to run a watcher, if it still is as it was read. It is managers that judge who may.
   *
   * @param revision - That which was read; 0 if there was none.
   * @returns The new revision; `undefined` if another was faster, and then nothing was written.
   */
  readonly storeLease?: (watcherId: string, lease: NewLease, revision: number) => Promise<number | undefined>;

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

  /** Emits when some lease may have been given back. */
  readonly leaseReleased$?: Observable<void>;
}
