import type { EventStore } from '../../../index.ts';

/** The same store, and how many pages were asked for. */
export function countingReads(store: EventStore) {
  const count = { reads: 0 };
  const getEvents: EventStore['getEvents'] = (request) => {
    count.reads++;
    return store.getEvents(request);
  };
  return { count, counting: { ...store, getEvents } };
}
