import type { EventStore } from '../../../index.ts';

/** Returns a view of the store that counts the calls of `getEvents`, together with the count. */
export function countingReads(store: EventStore) {
  const count = { reads: 0 };
  const getEvents: EventStore['getEvents'] = (request) => {
    count.reads++;
    return store.getEvents(request);
  };
  return { count, counting: { ...store, getEvents } };
}
