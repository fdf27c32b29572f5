import type { EventHandlingError } from '../errors.ts';
import type { Event } from '../event/event.ts';

/** Outcome of an event if its last attempt has succeeded. */
export interface Handled<E extends Event = Event> {
  /** Discriminant of `Outcome`. */
  readonly status: 'handled';
  readonly seqNum: number;
  /** Event that was handled. */
  readonly event: E;
  /** Number of attempts, from 1. */
  readonly attempts: number;
}

/** Outcome of an event that was given up. */
export interface Skipped<E extends Event = Event> {
  /** Discriminant of `Outcome`. */
  readonly status: 'skipped';
  readonly seqNum: number;
  /** Event that was given up; missing if it could not be decoded. */
  readonly event?: E;
  /** Number of attempts; 0 if a custom strategy made none. */
  readonly attempts: number;
  /** Last failure. Its `cause` is the error of the handler, or the reason why the event cannot be decoded. */
  readonly error: EventHandlingError;
  /** `true` if the store has stored the event as a dead letter; otherwise missing. */
  readonly deadLettered?: true;
}

/** Result for one event after its last attempt. `status` distinguishes the two kinds. */
export type Outcome<E extends Event = Event> = Handled<E> | Skipped<E>;

export const handledOutcome = <E extends Event>(event: E, attempts: number): Handled<E> => ({
  status: 'handled',
  seqNum: event.seqNum,
  event,
  attempts,
});

export const skippedOutcome = <E extends Event>(
  event: E,
  attempts: number,
  error: EventHandlingError,
): Skipped<E> => ({ status: 'skipped', seqNum: event.seqNum, event, attempts, error });
