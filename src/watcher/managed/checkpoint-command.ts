import { lastValueFrom, type Observable, switchMap } from 'rxjs';
import { CheckpointError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import { show } from '../../validation/format-value.ts';
import type { WatcherContext } from './watcher-context.ts';

/**
 * Stores the checkpoint that the application has passed to `watcher.checkpoint`.
 *
 * @throws {@link CheckpointError} if the watcher is ephemeral.
 * @throws {@link CheckpointError} if the number is not a whole number from 0.
 * @throws {@link CheckpointError} if the number is below the current checkpoint or after the last handled event.
 */
export async function storeCheckpoint<E extends Event>(
  { watcherId, ownership, options, progress, checkpoints }: WatcherContext<E>,
  seqNum: number,
): Promise<void> {
  const invalid = (reason: string) => new CheckpointError(watcherId, reason);

  const assertInRange = (stored = 0): void => {
    const current = Math.max(stored, checkpoints.requested);
    // With concurrency, earlier events can still be in flight when a later event is delivered. Then only the events up to the
    // ack floor count as handled.
    const isInOrder = options.checkpoint === 'manual' && options.concurrency === 1;
    const delivered = isInOrder ? progress.lastDeliveredSeqNum : 0;
    const handled = Math.max(delivered, progress.ackFloor);
    if (seqNum < current) {
      throw invalid(
        `must be at least the current checkpoint, ${current}; received ${seqNum}; use seek to move it backwards`,
      );
    }
    if (seqNum > Math.max(handled, current)) {
      throw invalid(`must be at most the last handled event, ${handled}; received ${seqNum}`);
    }
  };
  const write = (store: EventStore<E>): Observable<unknown> =>
    checkpoints.enqueue(() =>
      store.getCheckpoint(watcherId).pipe(
        switchMap((stored) => {
          assertInRange(stored);
          return checkpoints.moveTo(seqNum, () => store.storeCheckpoint(watcherId, seqNum));
        }),
      ),
    );
  if (options.ephemeral) throw invalid('cannot be stored: the watcher is ephemeral');
  if (!Number.isSafeInteger(seqNum) || seqNum < 0) {
    throw invalid(`must be a whole number from 0; received ${show(seqNum)}`);
  }
  await lastValueFrom(ownership.during('store a checkpoint', ({ store }) => write(store)));
}
