import {
  catchError,
  concat,
  EMPTY,
  filter,
  finalize,
  firstValueFrom,
  from,
  ignoreElements,
  lastValueFrom,
  map,
  type Observable,
  of,
  ReplaySubject,
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
import type { WatcherRun } from './watcher-run.ts';

/** Seeks of a watcher. The last call of a stop or a seek decides whether the watcher runs, and where. */
export interface SeekCommand {
  /** Records a stop: seeks that were called before it do not restart the watcher. */
  onStop(): void;
  /** Stops the watcher, moves its checkpoint, and restarts it there. */
  seek(target: EventIterator): Promise<void>;
}

/** Work of a seek that remains after its Promise has resolved. */
interface Remainder {
  readonly completed: Promise<void>;
}

/** Creates the seek command of a watcher. */
export function createSeekCommand<E extends Event>(
  context: WatcherContext<E>,
  lifecycle: WatcherLifecycle<E>,
): SeekCommand {
  const { watcherId, store, ownership, options, progress, checkpoints } = context;
  /** Number of calls of a stop or a seek. A seek replaces earlier seeks only when its target is accepted. */
  let calls = 0;
  let lastStop = 0;
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
   * Stops the current run, and runs that are started during the stop. Returns the run that the caller is inside, if any.
   */
  const stopRuns = async () => {
    let ending = await lifecycle.stopRun(STOP_TIMEOUT);
    while (ending === undefined && lifecycle.run !== undefined)
      ending = await lifecycle.stopRun(STOP_TIMEOUT);
    return ending;
  };
  /**
   * Stores the checkpoint and returns it. If events after it were trimmed during the wait for the attempt in flight, the
   * checkpoint becomes the position of the oldest event. If `target` names an event by number, the seek fails instead.
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
  /** Restarts the watcher at its old position, after a seek that failed after the stop. */
  const restartUnmoved = (run: WatcherRun<E>): void => {
    lifecycle.restart(progress.hasStarted ? afterSequenceNumber(progress.ackFloor) : undefined);
    if (run.pauseSwitch.isPausedFor('pause')) lifecycle.run?.pauseSwitch.pause('pause');
  };
  /**
   * Moves the watcher, and emits when the watcher is moved. If the call comes from inside the handler, the restart follows
   * after the attempt of that handler.
   */
  const move = (
    target: EventIterator,
    seqNum: number,
    call: number,
    grant: OwnershipGrant<E>,
  ): Observable<void> => {
    const isReplaced = () => call < lastSeek;
    const mayStart = () => call > lastStop && !isReplaced();
    const steps = async (): Promise<Remainder | undefined> => {
      const before = lifecycle.run;
      const ending = await stopRuns();
      if (isReplaced()) return undefined;
      // The run of the calling handler has not ended. From now on, it must not move the checkpoint.
      if (ending !== undefined) ending.isSuperseded = true;
      let position = seqNum;
      try {
        position = await storeCheckpoint(grant, seqNum, target);
      } catch (error) {
        if (before === undefined || !(error instanceof SequenceTrimmedError)) throw error;
        const undo = () => {
          if (lifecycle.run === undefined && mayStart()) restartUnmoved(before);
        };
        if (ending === undefined) undo();
        else {
          ending.isSuperseded = false;
          void ending.ended().then(undo);
        }
        throw error;
      }
      progress.log.moved(position);
      const restart = async () => {
        if (isReplaced()) return;
        while (lifecycle.run !== undefined) await lifecycle.stopRun(STOP_TIMEOUT);
        if (mayStart()) lifecycle.restart(afterSequenceNumber(position));
      };
      if (ending !== undefined) {
        return { completed: ending.ended().then(restart).catch(progress.failed.bind(progress)) };
      }
      await restart();
      return undefined;
    };
    const completionOf = (remainder: Remainder | undefined) =>
      from(remainder?.completed ?? EMPTY).pipe(ignoreElements());
    const moving = () =>
      from(steps()).pipe(switchMap((remainder) => concat(of(undefined), completionOf(remainder))));
    const pin = () => {
      lastSeek = call;
      // The events after the target must not be trimmed before the checkpoint protects them.
      return store.internals.retainFrom(() => (isReplaced() ? Number.POSITIVE_INFINITY : seqNum));
    };
    // Claim the id first, so that a seek that is rejected does not stop the watcher.
    return underClaim(context, using(pin, moving));
  };
  return {
    onStop() {
      lastStop = ++calls;
    },
    async seek(target) {
      const call = ++calls;
      const pauseSwitch = lifecycle.run?.pauseSwitch;
      const reason = `seek ${call}`;
      let isResolved = false;
      const accepted$ = resolveTarget(target).pipe(
        finalize(() => {
          isResolved = true;
          pauseSwitch?.resume(reason);
        }),
        filter(() => call >= lastSeek),
      );
      const moveTo = (seqNum: number) =>
        ownership.during('seek', (grant) => move(target, seqNum, call, grant));
      // The caller waits only until the watcher is moved. Ownership is held longer, until the restart.
      const moved$ = new ReplaySubject<void>();
      accepted$.pipe(switchMap(moveTo)).subscribe(moved$);
      // If the engine reads synchronously, the watcher was stopped within this call. Otherwise, the watcher is paused until
      // it stops.
      if (!isResolved) pauseSwitch?.pause(reason);
      await firstValueFrom(moved$, { defaultValue: undefined });
    },
  };
}
