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
import { coalescedReads } from '../../scheduling/coalesced-reads.ts';
import { unrefInterval } from '../../scheduling/unref-timers.ts';
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

/** Emits whether the whole watcher is caught up: the current value first, then each change. */
export const groupCaughtUp = <E extends Event>(group: PartitionGroup<E>): Observable<boolean> =>
  defer(() => {
    const { store } = group.context;
    /** Last known number of the newest event. */
    let latest = 0;
    const isOwnPassed = () => group.owned.every((index) => group.partitions[index]?.hasProcessedUpTo(latest));
    /** Emits whether all partitions, in this process and in other processes, have processed every event that is stored now. */
    const isCaughtUp: Observable<boolean> = defer(() => {
      // The log only grows, so the store need not be read while an event that is known to exist is not processed.
      if (!isOwnPassed()) return of(false);
      return store.getLatestSeqNum().pipe(
        switchMap((newest) => {
          latest = newest;
          if (!isOwnPassed()) return of(false);
          const others = [...group.partitions.keys()].filter((index) => !group.isOwned(index));
          return isPassed(group, others, latest);
        }),
        catchError(() => EMPTY),
      );
    });
    const position$ = group.changed$.pipe(filter((change) => change === 'position'));
    const whileRunning = coalescedReads(merge(position$, polls(group), of(undefined)), isCaughtUp);
    return group.stateChanged$.pipe(
      startWith(undefined),
      switchMap(() => (group.state === 'running' ? whileRunning : of(false))),
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
