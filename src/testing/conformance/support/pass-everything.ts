import type { EventStore } from '../../../index.ts';

/**
 * Stores a checkpoint after all stored and future events.
 *
 * Tests of garbage collection by age need this checkpoint, because without a checkpoint, no event is deleted by age.
 */
export const passEverything = (store: EventStore): Promise<void> =>
  store.storeCheckpoint('reader', 1_000_000);
