import type { EventHandlingError } from '../errors.ts';
import type { Event } from '../event/event.ts';

/** An event that its handler has handled. */
export interface Handled<E extends Event = Event> {
  /** Tells it from a skipped one. */
  readonly status: 'handled';
  /** The event's number. */
  readonly seqNum: number;
  /** The event. */
  readonly event: E;
  /** How many attempts it took, from 1. */
  readonly attempts: number;
}

/** An event that was given up. */
export interface Skipped<E extends Event = Event> {
  /** Tells it from a handled one. */
  readonly status: 'skipped';
  /** The event's number. */
  readonly seqNum: number;
  /** The event; missing if it could not be decoded. */
  readonly event?: E;
  /** How many attempts were made, from 1. */
  readonly attempts: number;
  /** The last failure; its `cause` is what the handler threw, or why the event cannot be decoded. */
  readonly error: EventHandlingError;
  /** Whether the store keeps it as a dead letter. */
  readonly deadLettered?: true;
}

/** What became of an event. */
export type Outcome<E extends Event = Event> = Handled<E> | Skipped<E>;
