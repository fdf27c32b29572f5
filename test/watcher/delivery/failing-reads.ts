import { defer, throwError } from 'rxjs';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Returns the store with a number of failing reads first. */
export function failingReads(store: EventStore, failures: number, error: () => Error) {
  const remaining = { failures };
  const failing: EventStore = {
    ...store,
    getEvents: (request) =>
      defer(() => (remaining.failures-- > 0 ? throwError(error) : store.getEvents(request))),
  };
  return failing;
}
