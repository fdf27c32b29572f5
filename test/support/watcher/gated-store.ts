import type { SchedulerLike } from 'rxjs';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { GatedCheckpoints } from './gated-checkpoints.ts';

/** Creates a memory store with a checkpoint of 0. Each later checkpoint waits until the test ends its write. */
export function gatedStore(scheduler?: SchedulerLike): { store: EventStore; gate: GatedCheckpoints } {
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
