/** What happened to an object. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** The operations by name, for code that would rather not spell them. */
export const Operation = { Create: 'CREATE', Update: 'UPDATE', Delete: 'DELETE' } as const;

/** All of them, in the order of their codes on disk. */
export const OPERATIONS: readonly Operation[] = [Operation.Create, Operation.Update, Operation.Delete];

/**
 * Something that happened to an object, as the log holds it.
 *
 * @typeParam T - The type of the object.
 * @typeParam K - The object's type, as a string; a union of `Event`s is told apart by it.
 */
export interface Event<T = unknown, K extends string = string> {
  /** The event's place in the log: unique, one more than the event before it, in commit order, never reused. */
  readonly seqNum: number;
  /** What happened to the object. */
  readonly operation: Operation;
  /** What kind of object it is. */
  readonly objectType: K;
  /** The object, read back from its stored form. */
  readonly object: T;
  /** The store's clock when the event was appended; never earlier than the event before it. */
  readonly timestamp: Date;
}

/** All of an event but its object. */
export type EventHeader<E extends Event = Event> = E extends Event ? Omit<E, 'object'> : never;

/** What a caller asks to have stored; the log adds the number and the time. */
export interface StoreEventRequest<T = unknown, K extends string = string> {
  /** What happened to the object. */
  readonly operation: Operation;
  /** What kind of object it is; not empty. */
  readonly objectType: K;
  /** The object, captured at the call. */
  readonly object: T;
}

/** The request that would make an event of type `E`. */
export type RequestOf<E extends Event> = E extends Event<infer T, infer K> ? StoreEventRequest<T, K> : never;
