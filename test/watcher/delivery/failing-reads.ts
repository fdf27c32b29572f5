import { defer, throwError } from 'rxjs';
import type { EventStore } from '../../../src/store/event-store.ts';

/** The same store, of which the next so many reads fail. */
export function failingReads(store: EventStore, failures: number, error: () => Error) {
  const left = { failures };
  const failing: EventStore = {
    ...store,
    getEvents: (request) => defer(() => (left.failures-- > 0 ? throwError(error) : store.getEvents(request))),
  };
  return failing;
}
