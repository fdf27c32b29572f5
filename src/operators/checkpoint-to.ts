import { concat, defer, type MonoTypeOperatorFunction, takeUntil, tap } from 'rxjs';
import { CoalescingWriter } from '../scheduling/coalescing-writer.ts';
import { whenDurable } from '../store/durable-write.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { show } from '../validation/format-value.ts';
import { readEvent } from './read-event.ts';

/** Event or outcome, or an array of them. The `seqNum` of the value, or of the last element, becomes the checkpoint. */
export type Progress = { readonly seqNum: number } | readonly { readonly seqNum: number }[];

const seqNumOf = (value: Progress): number | undefined => {
  const seqNum: unknown = 'seqNum' in value ? value.seqNum : value.at(-1)?.seqNum;
  if (seqNum === undefined || typeof seqNum === 'number') return seqNum;
  throw new TypeError(`seqNum must be a number; received ${show(seqNum)}`);
};

/**
 * Returns the sequence number of a value, or of the last element of an array; `undefined` for an empty array.
 *
 * @throws {@link InvalidOptionsError} if the value has no valid `seqNum`.
 */
const progressOf = (value: Progress): number | undefined => readEvent('checkpointTo', value, seqNumOf);

/**
 * Emits each value unchanged and stores its sequence number as the checkpoint of a watcher.
 *
 * Use this operator after the operator that handles the events. One write is in flight at a time. Of the values that arrive
 * during a write, only the last one is written.
 *
 * The resulting Observable completes after the last write, and errors if a write fails. After an unsubscription, the
 * pending write still takes place.
 *
 * @param store - Event store that stores the checkpoint.
 * @param watcherId - Id of the watcher.
 * @throws {@link InvalidOptionsError} if `store` is not a store, or a value has no `seqNum`.
 * @throws The error with which `storeCheckpoint` rejects.
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
      const writer = new CoalescingWriter((newest) =>
        whenDurable(store.storeCheckpoint(watcherId, newest())),
      );
      const written = source.pipe(tap((progress) => writer.write(progressOf(progress))));
      return concat(written, writer.flushed).pipe(takeUntil(writer.failed$));
    });
