import type { SchedulerLike } from 'rxjs';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { GatedCheckpoints } from './gated-checkpoints.ts';

/**
 * Creates a memory store with a checkpoint of 0. Each later write of a checkpoint waits until the test ends that write. On
 * the default clock, no time passes, so that a watcher never ends a time slice.
 */
export function gatedStore(scheduler: SchedulerLike = new VirtualClock()): {
  store: EventStore;
  gate: GatedCheckpoints;
} {
  const gate = new GatedCheckpoints();
  const memory = createMemoryStore({ scheduler });
  void memory.storeCheckpoint('w', 0);
  const store: EventStore = {
    ...memory,
    async storeCheckpoint(watcherId, seqNum) {
      await gate.storeCheckpoint(watcherId, seqNum);
      await memory.storeCheckpoint(watcherId, seqNum);
    },
  };
  return { store, gate };
}
