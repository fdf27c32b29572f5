import {
  catchError,
  concat,
  EMPTY,
  filter,
  finalize,
  from,
  ignoreElements,
  lastValueFrom,
  map,
  type Observable,
  of,
  switchMap,
  throwError,
  using,
  zip,
} from 'rxjs';
import { CheckpointError, SequenceTrimmedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, type EventIterator, trimHorizon } from '../../event/event-iterator.ts';
import type { OwnershipGrant } from '../lease/ownership.ts';
import { positionOf } from '../run/start-position.ts';
import { underClaim } from '../under-claim.ts';
import { STOP_TIMEOUT } from './watcher.ts';
import type { WatcherContext } from './watcher-context.ts';
import type { WatcherLifecycle } from './watcher-lifecycle.ts';

/**
 * Seeks of a watcher. If calls of `stop` and `seek` overlap, the last call decides whether the watcher runs and at which
 * position.
 */
export interface SeekCommand {
  /** Records a call of `stop`. Seeks that were called before this stop do not restart the watcher. */
  onStop(): void;
  /** Stops the watcher, moves its checkpoint, and restarts it there. */
  seek(target: EventIterator): Promise<unknown>;
}

export function createSeekCommand<E extends Event>(
  context: WatcherContext<E>,
  lifecycle: WatcherLifecycle<E>,
): SeekCommand {
  const { watcherId, store, ownership, options, progress, checkpoints } = context;
  /** Counter that numbers the calls of `stop` and `seek`, so that a later call can replace an earlier one. */
  let calls = 0;
  /** Value of `calls` at the last call of `stop`. */
  let lastStop = 0;
  /** Value of `calls` at the last seek with an accepted target. This seek replaces all earlier seeks. */
  let lastSeek = 0;

  const resolveTarget = (target: EventIterator): Observable<number> =>
    zip(positionOf(store, target), store.getLatestSeqNum()).pipe(
      map(([seqNum, latest]) => {
        if (seqNum <= latest) return seqNum;
        throw new CheckpointError(
          watcherId,
          `must be at most the last event of the log, ${latest}; received ${seqNum}`,
        );
      }),
    );
  /**
   * Stops the current run, and runs that are started during the stop. If the caller is the handler of a run, returns this
   * run, which ends later.
   */
  const stopRuns = async () => {
    for (;;) {
      const ending = await lifecycle.stopRun(STOP_TIMEOUT);
      if (ending !== undefined || lifecycle.run === undefined) return ending;
    }
  };
  /**
   * Stores `seqNum` as the checkpoint and returns it. Events after `seqNum` can be trimmed while the seek waits for the
   * attempt in flight. In this case, a seek to a sequence number fails. Any other seek then stores and returns the position of
   * the oldest event.
   */
  const storeCheckpoint = (
    { store: ownedStore }: OwnershipGrant<E>,
    seqNum: number,
    target: EventIterator,
  ) => {
    const oldestIfTrimmed = (error: unknown) =>
      error instanceof SequenceTrimmedError && !('sequenceNumber' in target)
        ? positionOf(store, trimHorizon())
        : throwError(() => error);
    const write = (position: number) =>
      options.ephemeral
        ? EMPTY
        : checkpoints.moveTo(position, () => ownedStore.storeCheckpoint(watcherId, position));
    const stored = () =>
      positionOf(store, afterSequenceNumber(seqNum)).pipe(
        map(() => seqNum),
        catchError(oldestIfTrimmed),
        switchMap((position) => concat(write(position).pipe(ignoreElements()), of(position))),
      );
    return lastValueFrom(checkpoints.enqueue(stored));
  };
  const isReplaced = (call: number) => call < lastSeek;
  const mayRestart = (call: number) => call > lastStop && !isReplaced(call);

  const restartAt = async (position: number, call: number): Promise<void> => {
    while (!isReplaced(call) && lifecycle.run !== undefined) await lifecycle.stopRun(STOP_TIMEOUT);
    if (mayRestart(call)) lifecycle.restart(afterSequenceNumber(position));
  };
  /** Restarts the watcher at its old position, after a seek that has stopped the watcher and then failed. */
  const restartUnmoved = (isPaused: boolean): void => {
    lifecycle.restart(progress.hasStarted ? afterSequenceNumber(progress.ackFloor) : undefined);
    if (isPaused) lifecycle.run?.pauseSwitch.pause('pause');
  };
  /**
   * Moves the watcher and restarts it. If the call comes from inside the handler, the restart follows after the attempt of
   * that handler.
   *
   * @param store - Stores the checkpoint.
   * @param settle - Receives the result for the caller if the handler of this watcher has called `seek`. The handler gets the
   *   result before its attempt ends; otherwise, both would wait for each other.
   */
  const move = async (
    call: number,
    store: () => Promise<number>,
    settle: (stored: Promise<number>) => void,
  ): Promise<void> => {
    const before = lifecycle.run;
    const ending = await stopRuns();
    if (isReplaced(call)) return;
    // The run of the calling handler has not ended. From now on, this old run must not move the checkpoint.
    if (ending !== undefined) ending.isSuperseded = true;
    const stored = store();
    const position = await stored.catch((error) => {
      if (before !== undefined && error instanceof SequenceTrimmedError) return undefined;
      throw error;
    });
    if (position !== undefined) progress.log.moved(position);
    const restart = async () => {
      if (position !== undefined) await restartAt(position, call);
      else if (lifecycle.run === undefined && mayRestart(call)) {
        restartUnmoved(before?.pauseSwitch.isPausedFor('pause') === true);
      }
    };
    if (ending === undefined) {
      await restart();
      await stored;
      return;
    }
    ending.isSuperseded = position !== undefined;
    settle(stored);
    await ending.ended().then(restart).catch(progress.failed.bind(progress));
  };
  return {
    onStop() {
      lastStop = ++calls;
    },
    seek: (target) =>
      new Promise<unknown>((resolve, reject) => {
        const call = ++calls;
        const pauseSwitch = lifecycle.run?.pauseSwitch;
        const reason = `seek ${call}`;
        let isResolved = false;
        const moveTo = (seqNum: number) => {
          const pin = () => {
            lastSeek = call;
            // The events after the target must not be trimmed before the checkpoint protects them.
            return store.internals.retainFrom(() => (isReplaced(call) ? Number.POSITIVE_INFINITY : seqNum));
          };
          return ownership.during('seek', (grant) => {
            const moving = () => from(move(call, () => storeCheckpoint(grant, seqNum, target), resolve));
            // Claim the id first, so that a seek that is rejected does not stop the watcher.
            return underClaim(context, using(pin, moving));
          });
        };
        // A handler that calls `seek` waits only until the checkpoint is moved. Ownership and the claim are held until the
        // restart in any case.
        resolveTarget(target)
          .pipe(
            finalize(() => {
              isResolved = true;
              pauseSwitch?.resume(reason);
            }),
            filter(() => call >= lastSeek),
            switchMap(moveTo),
          )
          .subscribe({ error: reject, complete: () => resolve(undefined) });
        // If the engine reads synchronously, the target is already resolved, and the stop has begun. Otherwise, pause until the
        // target is resolved, so that no further event from the old position is delivered.
        if (!isResolved) pauseSwitch?.pause(reason);
      }),
  };
}
