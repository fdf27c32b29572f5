import type { MonoTypeOperatorFunction } from 'rxjs';
import type { EventStore } from '../store/event-store.ts';
import type { Progress } from './progress-of.ts';
import { saveProgress } from './save-progress.ts';

/**
 * Passes everything on and stores the checkpoint of a watcher: put it behind what handles the events.
 *
 * One write is under way at a time; what comes meanwhile is coalesced into the next. The end of the source waits for
 * the last write, and whoever unsubscribes leaves nothing unwritten that he was sent.
 *
 * @param store - Where the checkpoint is stored.
 * @param watcherId - Whose checkpoint it is.
 * @throws Whatever `storeCheckpoint` rejects with.
 * @example
 * store.events(afterSequenceNumber(seen)).pipe(concatMap(handle), checkpointTo(store, 'mailer')).subscribe();
 */
export const checkpointTo = <T extends Progress>(
  store: Pick<EventStore, 'storeCheckpoint'>,
  watcherId: string,
): MonoTypeOperatorFunction<T> => saveProgress((newest) => store.storeCheckpoint(watcherId, newest()));
