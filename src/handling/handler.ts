import type { ObservableInput } from 'rxjs';
import type { Event } from '../event/event.ts';

/** What a handler is told beside the event. */
export interface HandlerContext {
  /** Aborted when nobody waits for this attempt any more: the subscriber has gone, or a stop has timed out. */
  readonly signal: AbortSignal;
  /** Which attempt at this event it is, from 1. */
  readonly attempt: number;
  /** The watcher that calls. */
  readonly watcherId: string;
}

/**
 * Handles one event: synchronously, or by a Promise or an Observable, whose completion is waited for and whose values
 * are not looked at. A throw, a rejection or an error is a failed attempt.
 */
export type EventHandler<E extends Event = Event> = (
  event: E,
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: `undefined` would refuse a function that is declared to return nothing
) => ObservableInput<unknown> | void;

/** How far a batch handler came. */
export interface BatchProgress {
  /** The number of the last event that it handled; what follows is tried again alone. */
  readonly lastHandledSeqNum: number;
}

/**
 * Handles several events at once, in order, at least one: synchronously, or by a Promise or an Observable.
 *
 * It may return, resolve with or emit last a `BatchProgress`, if it did not come to the end of the batch. Without one
 * all is handled. A throw, a rejection or an error is a failed attempt at all of it.
 */
export type BatchHandler<E extends Event = Event> = (
  events: readonly E[],
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: `undefined` would refuse a function that is declared to return nothing
) => ObservableInput<unknown> | BatchProgress | void;

/** A handler of either kind. */
export type AnyHandler<E extends Event = Event> =
  | { readonly kind: 'event'; readonly handle: EventHandler<E> }
  | { readonly kind: 'batch'; readonly handle: BatchHandler<E> };
