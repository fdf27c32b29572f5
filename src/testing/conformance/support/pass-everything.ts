import type { EventStore } from '../../../index.ts';

/**
 * Stores a checkpoint after all stored and future events.
 *
 * Tests of garbage collection by age need it, because garbage collection by age deletes nothing without a checkpoint.
 */
export const passEverything = (store: EventStore): Promise<void> =>
  store.storeCheckpoint('reader', 1_000_000);
