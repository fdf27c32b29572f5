import type { Event, Operation, StoreEventRequest } from '../../../index.ts';

/** Any request. */
export const request = (
  operation: Operation,
  objectType: string,
  object: unknown = {},
): StoreEventRequest => ({ operation, objectType, object });

/** The request to create job number `n`. */
export const created = (n: number): StoreEventRequest => request('CREATE', 'Job', { n });

/** The whole numbers from `first` to `last`. */
export const span = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** The sequence numbers of events, or of what else has one. */
export const seqNums = (events: readonly Pick<Event, 'seqNum'>[]): readonly number[] =>
  events.map(({ seqNum }) => seqNum);
