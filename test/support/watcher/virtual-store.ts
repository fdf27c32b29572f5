import { map, type Observable } from 'rxjs';
import type { Outcome } from '../../../src/handling/outcome.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import type { StoreOptions } from '../../../src/store/store-options.ts';
import { inVirtualTime, type VirtualTime } from '../virtual-time.ts';

/** Returns a test in virtual time, with a memory store on the same scheduler. */
export const withStore = (
  test: (time: VirtualTime & { readonly store: EventStore }) => void,
  options: StoreOptions = {},
) =>
  inVirtualTime((time) =>
    test({ ...time, store: createMemoryStore({ ...options, scheduler: time.scheduler }) }),
  );

/** Maps a handled event to its number and a skipped event to a character: `a` for event 1, `b` for event 2. */
export const asMarbles = (outcomes: Observable<Outcome>): Observable<string> =>
  outcomes.pipe(
    map(({ status, seqNum }) => (status === 'handled' ? `${seqNum}` : String.fromCharCode(96 + seqNum))),
  );
