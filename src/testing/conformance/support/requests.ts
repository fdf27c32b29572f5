import type { Event, Operation, StoreEventRequest } from '../../../index.ts';

/** Creates a request to store an event, with the object `{}` by default. */
export const request = (
  operation: Operation,
  objectType: string,
  object: unknown = {},
): StoreEventRequest => ({ operation, objectType, object });

/** Creates the request to create job `n`. */
export const created = (n: number): StoreEventRequest => request('CREATE', 'Job', { n });

/** Returns the whole numbers from `first` to `last`. */
export const span = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

export const seqNums = (events: readonly Pick<Event, 'seqNum'>[]): readonly number[] =>
  events.map(({ seqNum }) => seqNum);
