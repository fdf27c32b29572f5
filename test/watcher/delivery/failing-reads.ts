import { defer, throwError } from 'rxjs';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Returns a view of the store on which the first reads fail. */
export function failingReads(store: EventStore, failures: number, error: () => Error) {
  const remaining = { failures };
  const failing: EventStore = {
    ...store,
    getEvents: (request) =>
      defer(() => (remaining.failures-- > 0 ? throwError(error) : store.getEvents(request))),
  };
  return failing;
}
