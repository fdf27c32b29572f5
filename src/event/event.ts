import type { EventContext } from './event-context.ts';

/** Kind of change of an object. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Operations as constants, for example `Operation.Create`. */
export const Operation = { Create: 'CREATE', Update: 'UPDATE', Delete: 'DELETE' } as const;

/** All operations, in the order of their codes on disk. */
export const OPERATIONS: readonly Operation[] = [Operation.Create, Operation.Update, Operation.Delete];

/**
 * Change of one object, as the log stores it.
 *
 * @typeParam T - Type of the object.
 * @typeParam K - Name of the object type; it discriminates a union of `Event`s.
 */
export interface Event<T = unknown, K extends string = string> extends EventContext {
  /** Position of the event in the log, from 1: unique, without gaps, in commit order, never reused. */
  readonly seqNum: number;
  /** Kind of change of the object. */
  readonly operation: Operation;
  /** Name of the object type, for example `'Job'`. */
  readonly objectType: K;
  /** Object as it is decoded from the payload. */
  readonly object: T;
  /** Time of the append by the clock of the store; never earlier than the timestamp of the previous event. */
  readonly timestamp: Date;
}

/** Event without its object. */
export type EventHeader<E extends Event = Event> = E extends Event ? Omit<E, 'object'> : never;

/**
 * Arguments of `storeEvent`. The log adds the sequence number and the timestamp. A stored event is a valid request, too: the
 * store ignores its number and its timestamp. Any other additional field is an error.
 */
export interface StoreEventRequest<T = unknown, K extends string = string> extends EventContext {
  /** Kind of change of the object. */
  readonly operation: Operation;
  /** Name of the object type; not empty. */
  readonly objectType: K;
  /**
   * Object of the event. The store serializes the object during the call, so that later changes of the object have no
   * effect.
   */
  readonly object: T;
}

/**
 * Event of a schema that transforms objects: a request has an object of the type `I`, and the event an object of the type
 * `T`.
 */
export interface TransformedEvent<I = unknown, T = unknown, K extends string = string> extends Event<T, K> {
  /** Type of the object of a request. No event has this property, which exists only for the compiler. */
  readonly '~input'?: { readonly object: I };
}

/** Request that creates an event of type `E`. */
export type RequestOf<E extends Event> =
  E extends Event<infer T, infer K>
    ? E extends { readonly '~input'?: infer Input }
      ? StoreEventRequest<Input extends { readonly object: infer I } ? I : T, K>
      : StoreEventRequest<T, K>
    : never;
