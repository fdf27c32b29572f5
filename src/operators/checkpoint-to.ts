import { concat, defer, type MonoTypeOperatorFunction, takeUntil, tap } from 'rxjs';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { createSaver } from './create-saver.ts';
import { type Progress, progressOf } from './progress-of.ts';

/**
 * Passes everything on and stores the checkpoint of a watcher: put it behind what handles the events.
 *
 * One write is under way at a time; what comes meanwhile is coalesced into the next. The end of the source waits for
 * the last write, and whoever unsubscribes leaves nothing unwritten that he was sent. A write that fails ends the stream.
 *
 * @param store - Where the checkpoint is stored.
 * @param watcherId - Whose checkpoint it is.
 * @throws Whatever `storeCheckpoint` rejects with.
 * @example
 * store.events(afterSequenceNumber(seen)).pipe(concatMap(handle), checkpointTo(store, 'mailer')).subscribe();
 */
export const checkpointTo =
  <T extends Progress>(
    store: Pick<EventStore, 'storeCheckpoint'>,
    watcherId: string,
  ): MonoTypeOperatorFunction<T> =>
  (source) =>
    defer(() => {
      requireStore('store', store, 'storeCheckpoint');
      const saver = createSaver((newest) => store.storeCheckpoint(watcherId, newest()));
      const passed = source.pipe(tap((progress) => saver.note(progressOf(progress))));
      return concat(passed, saver.flushed).pipe(takeUntil(saver.failed$));
    });
