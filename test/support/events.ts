import type { Event, Operation } from '../../src/event/event.ts';

/** Creates an event as a store emits it. */
export const storedEvent = (seqNum: number, objectType = 'Job', operation: Operation = 'CREATE'): Event => ({
  seqNum,
  operation,
  objectType,
  object: { id: seqNum },
  timestamp: new Date(0),
});
