import type { Event } from '../event/event.ts';

function Plain(
  this: { -readonly [Key in keyof Event]: Event[Key] },
  seqNum: number,
  { operation, objectType }: Pick<Event, 'operation' | 'objectType'>,
  object: unknown,
  timestamp: Date,
): void {
  this.seqNum = seqNum;
  this.operation = operation;
  this.objectType = objectType;
  this.object = object;
  this.timestamp = timestamp;
}
Plain.prototype = Object.prototype;

/**
 * Makes an event, a plain object as a literal would, but with `new`, for the sake of the garbage collector.
 *
 * Where V8 finds that what a literal has made outlives a collection, as a page of events does that waits for a slow
 * handler, it makes all that follows among its old objects at once. There each event is kept, and its object with it, until
 * the next full collection, although it lives for a moment only. It does not look at what `new` makes in that way.
 */
export const PlainEvent = Plain as unknown as new (
  seqNum: number,
  kind: Pick<Event, 'operation' | 'objectType'>,
  object: unknown,
  timestamp: Date,
) => Event;
