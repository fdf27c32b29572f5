import { defer } from 'rxjs';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Returns a view of a store that counts the subscriptions to `getLatestSeqNum`. */
export function countLatestReads(store: EventStore) {
  let reads = 0;
  const getLatestSeqNum = () =>
    defer(() => {
      reads++;
      return store.getLatestSeqNum();
    });
  return {
    view: { ...store, getLatestSeqNum },
    /** Returns the number of reads since the last call. */
    takeReads(): number {
      const taken = reads;
      reads = 0;
      return taken;
    },
  };
}
