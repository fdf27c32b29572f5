import { type Observable, tap } from 'rxjs';
import { CheckpointError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { TransactionHandler } from '../../handling/handler.ts';
import { type RunContext, type RunParts, retryStoreFailure } from '../run/run-context.ts';
import { type EventsTransaction, type Transacted, transactEvents } from './transact-events.ts';

/**
 * Checks, inside a transaction, that no other writer has changed the checkpoint that this watcher has stored. If two processes
 * run watchers with the same id without a lease, each event is therefore committed only once, and one of the two runs fails.
 *
 * @throws {@link CheckpointError} if another writer has moved the checkpoint.
 */
function assertUnmoved<E extends Event>({ store, watcherId, checkpoints }: RunParts<E>): void {
  let stored: number | undefined;
  // Inside a transaction, the read is synchronous.
  store.getCheckpoint(watcherId).subscribe((checkpoint) => {
    stored = checkpoint;
  });
  // A write of the requested checkpoint may have taken effect even if its Promise was rejected.
  if (stored === checkpoints.stored || stored === checkpoints.requested) return;
  throw new CheckpointError(
    watcherId,
    `must be ${checkpoints.stored}, which this watcher has stored; found ${stored ?? 'none'}, which another writer has ` +
      'stored; run a watcher in one process only, or use a lease',
  );
}

/**
 * Handles events in one transaction, which also stores the checkpoint. Failures of the store are retried without a limit.
 * Emits the result, or completes without a value when the run ends before a retry.
 */
export const transactInRun = <E extends Event>(
  context: RunContext<E>,
  handler: TransactionHandler<E>,
  events: readonly E[],
  attempt: number,
): Observable<Transacted> => {
  const { watcherId, checkpoints, listener, ending, mayBegin } = context;
  const transaction: EventsTransaction<E> = {
    events,
    attempt,
    begin: () => assertUnmoved(context),
    // A retry has already begun, because its attempt is counted before the transaction.
    mayContinue: () => attempt > 1 || (!ending.isSet && mayBegin()),
    finish({ seqNum }, { storeCheckpoint }) {
      checkpoints.requested = seqNum;
      storeCheckpoint(watcherId, seqNum);
    },
  };
  const onCommit = ({ count }: Transacted) => {
    if (count === 0) return;
    checkpoints.stored = checkpoints.requested;
    listener.checkpointStored();
  };
  return checkpoints
    .enqueue(() => transactEvents(context, handler, transaction).pipe(tap(onCommit)))
    .pipe(retryStoreFailure(context));
};

/**
 * Stores the checkpoint after progress past excluded events. Rejects with a `CheckpointError` if another writer has moved
 * the checkpoint.
 */
export const storeProgress = <E extends Event>(parts: RunParts<E>, seqNum: number): Promise<void> => {
  const { store, watcherId } = parts;
  const run = store.transaction as NonNullable<typeof store.transaction>;
  return run((_storeEvent, storeCheckpoint) => {
    assertUnmoved(parts);
    storeCheckpoint(watcherId, seqNum);
  });
};
