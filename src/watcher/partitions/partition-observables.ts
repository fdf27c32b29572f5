import * as t from 'io-ts';
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  exhaustMap,
  filter,
  forkJoin,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  repeat,
  startWith,
  switchMap,
  take,
  takeUntil,
  throwError,
} from 'rxjs';
import { InvalidOptionsError, SequenceTrimmedError, StoreClosedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { atSequenceNumber } from '../../event/event-iterator.ts';
import { uncheckedPartitionOf } from '../../event/partition-of.ts';
import { unrefInterval, unrefTimer } from '../../scheduling/unref-timers.ts';
import { check } from '../../validation/check.ts';
import { wholeFrom } from '../../validation/types.ts';
import type { ManagedWatcher } from '../managed/managed-watcher.ts';
import { readCheckpoints } from './partition-checkpoints.ts';
import type { PartitionGroup } from './partition-group.ts';

/** Time between two reads of the checkpoints of other processes, in milliseconds. */
const POLL_INTERVAL = 250;

/**
 * Emits at an interval, because nothing notifies this process of a checkpoint that another process stores. Emits nothing if
 * the watcher has no leases, because this process then runs all partitions.
 */
const polls = <E extends Event>({ context }: PartitionGroup<E>): Observable<unknown> =>
  context.sharing === undefined ? EMPTY : unrefInterval(POLL_INTERVAL, context.scheduler);

/** Emits whether the stored checkpoints of all given partitions are at an event or after it. */
const isPassed = <E extends Event>(
  { context }: PartitionGroup<E>,
  indices: readonly number[],
  seqNum: number,
): Observable<boolean> =>
  readCheckpoints(context, indices).pipe(
    map((checkpoints) => [...checkpoints.values()].every((checkpoint = -1) => checkpoint >= seqNum)),
    catchError(() => EMPTY),
  );

/** Emits whether all partitions, in this process and in other processes, have processed every event that is stored now. */
function isCaughtUp<E extends Event>(group: PartitionGroup<E>): Observable<boolean> {
  if (group.state !== 'running') return of(false);
  return group.context.store.getLatestSeqNum().pipe(
    switchMap((latest) => {
      const isOwnPassed = group.owned.every((index) => group.partitions[index]?.isProcessed(latest));
      if (!isOwnPassed) return of(false);
      const others = [...group.partitions.keys()].filter((index) => !group.isOwned(index));
      return isPassed(group, others, latest);
    }),
    catchError(() => EMPTY),
  );
}

/** Emits whether the whole watcher is caught up: the current value first, then each change. */
export const groupCaughtUp = <E extends Event>(group: PartitionGroup<E>): Observable<boolean> =>
  defer(() => {
    const { sharing, scheduler } = group.context;
    const read = defer(() => isCaughtUp(group));
    // The interval begins after the end of a read. A poll during a read would cancel that read, so that no read of a slow
    // store would ever end.
    const polled =
      sharing === undefined ? read : read.pipe(repeat({ delay: () => unrefTimer(POLL_INTERVAL, scheduler) }));
    return merge(group.stateChanged$, group.changed$.pipe(filter((change) => change === 'position'))).pipe(
      startWith(undefined),
      switchMap(() => polled),
      distinctUntilChanged(),
      // The removal of the watcher completes `stateChanged$`, and thus ends the polls.
      takeUntil(group.stateChanged$.pipe(ignoreElements(), endWith(undefined))),
    );
  });

const Processed = t.type({ seqNum: wholeFrom(0) });

/**
 * Emits the number of an event, and completes, when the partition of the event has processed this event, in this or another
 * process. If the event was deleted, waits until all partitions have passed the number.
 */
export function groupProcessed<E extends Event>(
  group: PartitionGroup<E>,
  seqNum: number,
): Observable<number> {
  check(Processed, { seqNum }, (faults) => new InvalidOptionsError('arguments of whenProcessed', faults));
  const { store, count } = group.context;
  const anyPartition = [...group.partitions.keys()];
  const partitions$ =
    seqNum === 0
      ? of(anyPartition)
      : store.headers(atSequenceNumber(seqNum), { batchSize: 1 }).pipe(
          take(1),
          map((event) => (event.seqNum === seqNum ? [uncheckedPartitionOf(event.key, count)] : anyPartition)),
          catchError((error) =>
            error instanceof SequenceTrimmedError ? of(anyPartition) : throwError(() => error),
          ),
        );
  const elsewhere = (index: number) =>
    polls(group).pipe(
      exhaustMap(() => isPassed(group, [index], seqNum)),
      filter((isIt) => isIt),
    );
  const processedBy = (index: number) => {
    const partition = group.partitions[index] as ManagedWatcher<E>;
    return merge(partition.whenProcessed(seqNum), elsewhere(index)).pipe(take(1));
  };
  const failed$ = group.stateChanged$.pipe(
    startWith(undefined),
    filter(() => group.state === 'failed'),
    switchMap(() => throwError(() => group.lastError)),
  );
  const closed$ = store.closed$.pipe(switchMap(() => throwError(() => new StoreClosedError())));
  const processed$ = partitions$.pipe(
    switchMap((indices) => forkJoin(indices.map(processedBy))),
    map(() => seqNum),
  );
  return merge(processed$, failed$.pipe(ignoreElements()), closed$).pipe(take(1));
}
