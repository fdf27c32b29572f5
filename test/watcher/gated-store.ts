import type { SchedulerLike } from 'rxjs';
import { createMemoryStore } from '../../src/memory.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { GatedCheckpoints } from '../operators/gated-checkpoints.ts';

/** A store in memory that keeps checkpoints only as far as the test lets its writes end. */
export function gatedStore(scheduler?: SchedulerLike): { store: EventStore; gate: GatedCheckpoints } {
  const gate = new GatedCheckpoints();
  const store: EventStore = {
    ...createMemoryStore({ scheduler }),
    storeCheckpoint: (watcherId, seqNum) => gate.storeCheckpoint(watcherId, seqNum),
  };
  return { store, gate };
}
