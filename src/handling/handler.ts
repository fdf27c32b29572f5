import type { ObservableInput } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { TransactionFunctions } from '../store/event-store.ts';

/** Second argument of a handler. */
export interface HandlerContext {
  /** Signal that is aborted if the attempt is abandoned, for example after an unsubscription or a timeout. */
  readonly signal: AbortSignal;
  /** Number of the attempt at this event or batch, from 1. */
  readonly attempt: number;
  /** Id of the watcher, or the option `watcherId` of `handleWith`. */
  readonly watcherId: string;
}

/**
 * Handles one event. A handler can be synchronous, or return a Promise or an Observable.
 *
 * The watcher waits until the Promise or the Observable has completed, and ignores its values. A throw, a rejection or an
 * error is a failed attempt.
 */
export type EventHandler<E extends Event = Event> = (
  event: E,
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: `undefined` would reject a function declared to return `void`
) => ObservableInput<unknown> | void;

/** Partial success of a batch handler. */
export interface BatchProgress {
  /** Sequence number of the last handled event. The later events of the batch are delivered again. */
  readonly lastHandledSeqNum: number;
}

/**
 * Handles a batch of at least one event; the events are in order. A handler can be synchronous, or return a Promise or an
 * Observable.
 *
 * A handler that has handled only the first events of the batch can return a `BatchProgress`, resolve to one, or emit one as
 * the last value. Without a `BatchProgress`, all events count as handled. A throw, a rejection or an error is a failed
 * attempt at the whole batch.
 */
export type BatchHandler<E extends Event = Event> = (
  events: readonly E[],
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: `undefined` would reject a function declared to return `void`
) => ObservableInput<unknown> | BatchProgress | void;

/** Second argument of a transaction handler: the transaction of the attempt. */
export interface HandlerTransaction<E extends Event = Event>
  extends Pick<HandlerContext, 'attempt' | 'watcherId'> {
  /**
   * Adds an event to the transaction, and returns it. Readers see the event only after the commit.
   *
   * @throws {@link InvalidRequestError} if the request is not valid, or the handler has returned.
   * @throws {@link SerializationError} if the object cannot be serialized.
   */
  readonly storeEvent: TransactionFunctions<E>['storeEvent'];
}

/**
 * Handles one event inside a transaction of the store. The transaction contains the writes of the handler to tables of the
 * environment, the events that it stores, and the checkpoint of the watcher. Several events can share a transaction.
 *
 * The handler must be synchronous. A throw, or a returned Promise or Observable, is a failed attempt, and none of its writes
 * are stored. If a transaction is rolled back, the handler is called again for the events of the transaction. The handler
 * must therefore change nothing outside the transaction.
 */
export type TransactionHandler<E extends Event = Event> = (
  event: E,
  transaction: HandlerTransaction<E>,
  // biome-ignore lint/suspicious/noConfusingVoidType: `void` alone would accept a function that returns a Promise
) => undefined | void;

/** Handler that is called outside of transactions. */
export type PlainHandler<E extends Event = Event> =
  | { readonly kind: 'event'; readonly handle: EventHandler<E> }
  | { readonly kind: 'batch'; readonly handle: BatchHandler<E> };

/** Handler of any kind. The property `kind` distinguishes them. */
export type AnyHandler<E extends Event = Event> =
  | PlainHandler<E>
  | { readonly kind: 'transaction'; readonly handle: TransactionHandler<E> };
