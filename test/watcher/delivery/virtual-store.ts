import { map, type Observable } from 'rxjs';
import type { Outcome } from '../../../src/handling/outcome.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import type { StoreOptions } from '../../../src/store/store-options.ts';
import { inVirtualTime, type VirtualTime } from '../../scheduling/virtual-time.ts';

/** A test in virtual time that is given a store of that time. */
export const withStore = (
  test: (time: VirtualTime & { readonly store: EventStore }) => void,
  options: StoreOptions = {},
) =>
  inVirtualTime((time) =>
    test({ ...time, store: createMemoryStore({ ...options, scheduler: time.scheduler }) }),
  );

/** Outcomes as marbles: a handled event is its number, a skipped one the letter of that place in the alphabet. */
export const asMarbles = (outcomes: Observable<Outcome>): Observable<string> =>
  outcomes.pipe(
    map(({ status, seqNum }) => (status === 'handled' ? `${seqNum}` : String.fromCharCode(96 + seqNum))),
  );
