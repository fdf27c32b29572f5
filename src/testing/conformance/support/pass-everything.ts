import type { EventStore } from '../../../index.ts';

/**
 * Stores the checkpoint of a reader that has passed every event, those to come included: without any checkpoint, garbage
 * collection deletes nothing by age.
 */
export const passEverything = (store: EventStore): Promise<void> =>
  store.storeCheckpoint('reader', 1_000_000);
