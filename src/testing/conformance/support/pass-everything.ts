import type { EventStore } from '../../../index.ts';

/**
 * Stores a checkpoint after all stored and future events.
 *
 * A test needs it for garbage collection by age, which deletes nothing without a checkpoint.
 */
export const passEverything = (store: EventStore): Promise<void> =>
  store.storeCheckpoint('reader', 1_000_000);
