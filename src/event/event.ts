/** Kind of change of an object. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Operations by name. */
export const Operation = { Create: 'CREATE', Update: 'UPDATE', Delete: 'DELETE' } as const;

/** All operations, in the order of their codes on disk. */
export const OPERATIONS: readonly Operation[] = [Operation.Create, Operation.Update, Operation.Delete];

/**
 * Change of one object, as the log stores it.
 *
 * @typeParam T - Type of the object.
 * @typeParam K - Name of the object type; it discriminates a union of `Event`s.
 */
export interface Event<T = unknown, K extends string = string> {
  /** Position of the event in the log, from 1: unique, without gaps, in commit order, never reused. */
  readonly seqNum: number;
  /** Kind of change of the object. */
  readonly operation: Operation;
  /** Name of the object type, for example `'Job'`. */
  readonly objectType: K;
  /** Object as it is decoded from its stored form. */
  readonly object: T;
  /** Time of the append by the clock of the store; never earlier than the timestamp of the event before. */
  readonly timestamp: Date;
}

/** Event without its object. */
export type EventHeader<E extends Event = Event> = E extends Event ? Omit<E, 'object'> : never;

/**
 * Arguments of `storeEvent`. The log adds the sequence number and the timestamp. An event of a log is a valid request, too:
 * its number and its timestamp are ignored. Any other field is an error.
 */
export interface StoreEventRequest<T = unknown, K extends string = string> {
  /** Kind of change of the object. */
  readonly operation: Operation;
  /** Name of the object type; not empty. */
  readonly objectType: K;
  /** Object; it is serialized during the call, so later changes of the object have no effect. */
  readonly object: T;
}

declare const INPUT: unique symbol;

/**
 * Event of a schema that transforms objects: a request has an object of the type `I`, and the event an object of the type
 * `T`. The type of the request is part of the type only; the events have no such property.
 */
export type TransformedEvent<I, T, K extends string> = Event<T, K> & {
  /** @hidden */
  readonly [INPUT]?: { readonly object: I };
};

/** Whether two types are identical. Unlike assignability in both directions, it distinguishes `any` from other types. */
type IsSame<A, B> =
  (<X>() => X extends A ? true : false) extends <X>() => X extends B ? true : false ? true : false;

/** Event of a schema with the input type `I` and the output type `T`: an `Event` if both are the same type. */
export type EventOfInput<I, T, K extends string> =
  IsSame<I, T> extends true ? Event<T, K> : TransformedEvent<I, T, K>;

/** Request that creates an event of type `E`. */
export type RequestOf<E extends Event> =
  E extends Event<infer T, infer K>
    ? E extends { readonly [INPUT]?: infer Input }
      ? StoreEventRequest<Input extends { readonly object: infer I } ? I : T, K>
      : StoreEventRequest<T, K>
    : never;
