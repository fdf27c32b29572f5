import type { EventStore } from '../../../index.ts';

/** Wraps a store. In the result, `count.reads` is the number of calls of `getEvents` through the store `counting`. */
export function countingReads(store: EventStore) {
  const count = { reads: 0 };
  const getEvents: EventStore['getEvents'] = (request) => {
    count.reads++;
    return store.getEvents(request);
  };
  return { count, counting: { ...store, getEvents } };
}
