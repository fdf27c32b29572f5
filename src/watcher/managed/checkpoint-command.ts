import { lastValueFrom, type Observable, switchMap } from 'rxjs';
import { CheckpointError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import { show } from '../../validation/format-value.ts';
import type { Ownership } from '../lease/ownership.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import type { WatcherProgress } from './watcher-progress.ts';

/** Whose checkpoint it is. */
interface CheckpointOwner<E extends Event> {
  readonly id: string;
  readonly leasing: Ownership<E>;
  readonly options: ResolvedWatchOptions<E>;
  readonly record: WatcherProgress<E>;
}

/**
 * Refuses what is not a valid checkpoint.
 *
 * @throws {@link CheckpointError} unless `seqNum` is a whole number from 0.
 */
function checkSeqNum(watcherId: string, seqNum: number): void {
  if (Number.isSafeInteger(seqNum) && seqNum >= 0) return;
  throw new CheckpointError(watcherId, `must be a whole number from 0; received ${show(seqNum)}`);
}

/**
 * Returns the function that stores a checkpoint on request, unless it lies before the present one or past the last
 * event handled. It rejects with a `CheckpointError` that says why not.
 */
export function manualCheckpoint<E extends Event>({ id, leasing, options, record }: CheckpointOwner<E>) {
  const { checkpoints } = record;
  const refuse = (reason: string) => new CheckpointError(id, reason);

  const checkRange = (seqNum: number, stored = 0): void => {
    const present = Math.max(stored, checkpoints.asked);
    // By key, earlier events may be in flight, too: there only the unbroken run of handled events counts.
    const isInTurn = options.checkpoint === 'manual' && options.concurrency === 1;
    const handed = isInTurn ? record.handedThrough : 0;
    const reached = Math.max(handed, record.passedThrough);
    if (seqNum < present) {
      throw refuse(`${seqNum} lies before the present one, ${present}; seek moves it back`);
    }
    if (seqNum > Math.max(reached, present)) throw refuse(`${seqNum} lies past what was handled, ${reached}`);
  };
  const store = (held: EventStore<E>, seqNum: number): Observable<unknown> =>
    checkpoints.inTurn(() =>
      held.getCheckpoint(id).pipe(
        switchMap((stored) => {
          checkRange(seqNum, stored);
          return checkpoints.moving(seqNum, () => held.storeCheckpoint(id, seqNum));
        }),
      ),
    );
  return async (seqNum: number): Promise<void> => {
    if (options.ephemeral) throw refuse('it is ephemeral and keeps none');
    checkSeqNum(id, seqNum);
    await lastValueFrom(leasing.during('store a checkpoint', ({ store: held }) => store(held, seqNum)));
  };
}
