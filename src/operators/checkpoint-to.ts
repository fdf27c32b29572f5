import { concat, defer, type MonoTypeOperatorFunction, takeUntil, tap } from 'rxjs';
import { createCoalescingWriter } from '../scheduling/coalescing-writer.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { show } from '../validation/format-value.ts';
import { readEvent } from './read-event.ts';

/** Whatever tells how far its sender has come: an event, an outcome, or an array of them. */
export type Progress = { readonly seqNum: number } | readonly { readonly seqNum: number }[];

const seqNumOf = (value: Progress): number | undefined => {
  const seqNum: unknown = 'seqNum' in value ? value.seqNum : value.at(-1)?.seqNum;
  if (seqNum === undefined || typeof seqNum === 'number') return seqNum;
  throw new TypeError(`seqNum must be a number; received ${show(seqNum)}`);
};

/**
 * Returns how far that is; `undefined` for an empty array.
 *
 * @throws `InvalidOptionsError` if the value has no valid `seqNum`.
 */
const progressOf = (value: Progress): number | undefined => readEvent('checkpointTo', value, seqNumOf);

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
      const saver = createCoalescingWriter((newest) => store.storeCheckpoint(watcherId, newest()));
      const passed = source.pipe(tap((progress) => saver.write(progressOf(progress))));
      return concat(passed, saver.flushed).pipe(takeUntil(saver.failed$));
    });
