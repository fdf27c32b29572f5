import { firstValueFrom, from, lastValueFrom } from 'rxjs';
import { CheckpointError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Leasing } from './leasing.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';
import type { WatcherRecord } from './watcher-record.ts';

/** Whose checkpoint it is. */
interface CheckpointOwner<E extends Event> {
  readonly id: string;
  readonly leasing: Leasing<E>;
  readonly options: ResolvedWatchOptions<E>;
  readonly record: WatcherRecord<E>;
}

/** Refuses what no checkpoint can be. */
export function checkSeqNum(watcherId: string, seqNum: number): void {
  if (Number.isSafeInteger(seqNum) && seqNum >= 0) return;
  throw new CheckpointError(watcherId, `expected a whole number from 0, got ${String(seqNum)}`);
}

/**
 * Stores the checkpoint that somebody asks for, one at a time, if it is not backwards and not past what was handled.
 *
 * @returns What stores it; it rejects with a `CheckpointError` that says why not.
 */
export function manualCheckpoint<E extends Event>({ id, leasing, options, record }: CheckpointOwner<E>) {
  const refuse = (reason: string) => new CheckpointError(id, reason);
  let last: Promise<unknown> = Promise.resolve();

  /** Checked and stored at one go: nothing is awaited between a look at what was asked for last and the write. */
  const storeCheckpoint = async (store: EventStore<E>, seqNum: number): Promise<void> => {
    const stored = (await firstValueFrom(store.getCheckpoint(id))) ?? 0;
    const present = Math.max(stored, record.checkpointAsked);
    // By key others before it may be under way, too: there the unbroken run of what is done is all that counts.
    const isInTurn = options.checkpoint === 'manual' && options.concurrency === 1;
    const handed = isInTurn ? record.handedThrough : 0;
    const reached = Math.max(handed, record.passedThrough);
    if (seqNum < present) {
      throw refuse(`${seqNum} lies before the present one, ${present}; seekToOffset moves it back`);
    }
    if (seqNum > Math.max(reached, present)) throw refuse(`${seqNum} lies past what was handled, ${reached}`);
    record.checkpointAsked = seqNum;
    await store.storeCheckpoint(id, seqNum);
    record.checkpoint = seqNum;
  };
  const storeInTurn = (seqNum: number): Promise<void> => {
    if (options.ephemeral) throw refuse('it is ephemeral and keeps none');
    checkSeqNum(id, seqNum);
    return lastValueFrom(
      leasing.during('store a checkpoint', ({ store }) => from(storeCheckpoint(store, seqNum))),
    );
  };
  return (seqNum: number): Promise<void> => {
    const asked = last.then(() => storeInTurn(seqNum));
    last = asked.catch(() => undefined);
    return asked;
  };
}
