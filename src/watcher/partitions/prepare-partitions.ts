import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  retry,
  switchMap,
  take,
  throwError,
  timer,
  using,
  zip,
} from 'rxjs';
import { CheckpointError, LeaseLostError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { backoff } from '../../scheduling/backoff.ts';
import { unrefTimer } from '../../scheduling/unref-timers.ts';
import { whenDurable } from '../../store/durable-write.ts';
import { partitionNameOf } from '../../store/partition-id.ts';
import { createLeaseElector, type LeaseElector, NO_LEASE } from '../lease/lease-elector.ts';
import { isPermanent } from '../run/run-context.ts';
import { positionOf } from '../run/start-position.ts';
import { readCheckpoints } from './partition-checkpoints.ts';
import {
  idOfPartition,
  leaseContext,
  type PartitionContext,
  type SharedPartitionContext,
} from './partition-context.ts';

/** Number of reads of the checkpoints within one duration of a lease, while another process stores the first checkpoints. */
const READS = 3;

/**
 * Checks that stored checkpoints belong to a watcher with this number of partitions.
 *
 * @throws {@link CheckpointError} if a checkpoint belongs to another number of partitions, or to a watcher without
 *   partitions.
 */
export function assertPartitionCount(
  { watcherId, count }: Pick<PartitionContext, 'watcherId' | 'count'>,
  checkpoints: ReadonlyMap<string, number>,
): void {
  const stored = [...checkpoints].flatMap(([id, seqNum]) => {
    const name = partitionNameOf(id);
    if (name?.watcherId === watcherId) return [{ count: name.count, seqNum }];
    return id === watcherId ? [{ count: 0, seqNum }] : [];
  });
  const other = stored.find((checkpoint) => checkpoint.count !== count);
  if (other === undefined) return;
  const found = other.count === 0 ? 'a watcher without partitions' : `${other.count} partitions`;
  const lowest = Math.min(...stored.map(({ seqNum }) => seqNum));
  throw new CheckpointError(
    watcherId,
    `must belong to ${count} partitions; found one of ${found}; to change the number, stop the watcher in every ` +
      `process, call store.deleteCheckpoint('${watcherId}'), and start it with ` +
      `initialEventIterator: afterSequenceNumber(${lowest})`,
  );
}

/** Indices of the partitions without a checkpoint, and the lowest checkpoint of the other partitions. */
interface Missing {
  readonly indices: readonly number[];
  readonly lowest: number;
}

/** Storage of the first checkpoints of a watcher with partitions. */
export interface Preparation {
  /**
   * Stores the first checkpoint of each partition, at the same position for all partitions, and completes.
   *
   * @throws {@link CheckpointError} if the stored checkpoints belong to another number of partitions.
   * @throws {@link SequenceTrimmedError} if `initialEventIterator` names, by number, an event that was trimmed.
   */
  readonly prepared$: Observable<never>;
  /** Completes when the leases under which the checkpoints were stored are released. */
  readonly released$: Observable<never>;
}

/**
 * Creates the preparation of a watcher with partitions, which stores the first checkpoint of each partition before any
 * partition starts. Without these checkpoints, garbage collection could delete events of a partition that no process has
 * started yet, and `latest()` would mean a different event for each partition.
 */
export function createPreparation<E extends Event>(context: PartitionContext<E>): Preparation {
  const { count, store, options, scheduler, sharing, onFailure } = context;
  /** Electors of the partitions without a checkpoint, by index. */
  const electors = new Map<number, LeaseElector>();
  const electorOf = (shared: SharedPartitionContext<E>, index: number): LeaseElector => {
    const elector =
      electors.get(index) ?? createLeaseElector(leaseContext(shared, idOfPartition(context, index)));
    electors.set(index, elector);
    return elector;
  };

  const readMissing: Observable<Missing> = defer(() =>
    readCheckpoints(
      context,
      Array.from({ length: count }, (_, index) => index),
    ),
  ).pipe(
    switchMap((stored) => {
      const all = [...stored];
      const missing = {
        indices: all.flatMap(([index, seqNum]) => (seqNum === undefined ? [index] : [])),
        // A process can have ended after storing only some of the checkpoints. The remaining partitions must not start after
        // these checkpoints.
        lowest: Math.min(Number.POSITIVE_INFINITY, ...all.flatMap(([, seqNum]) => seqNum ?? [])),
      };
      if (missing.indices.length === 0) return of(missing);
      return store.checkpoints().pipe(
        map((checkpoints) => {
          assertPartitionCount(context, checkpoints);
          return missing;
        }),
      );
    }),
  );
  const initialPosition = (lowest: number) =>
    zip(positionOf(store, options.initialEventIterator), store.getLatestSeqNum()).pipe(
      map(([position, latest]) => Math.min(position, latest, lowest)),
    );
  const storeFirst = (index: number, position: number): Observable<unknown> =>
    sharing === undefined
      ? defer(() => whenDurable(store.storeCheckpoint(idOfPartition(context, index), position)))
      : storeUnderLease({ ...context, sharing }, electorOf({ ...context, sharing }, index), index, position);
  const storeMissing = ({ indices, lowest }: Missing): Observable<never> =>
    initialPosition(lowest).pipe(
      switchMap((position) =>
        using(
          () => store.internals.retainFrom(() => position),
          () => merge(...indices.map((index) => storeFirst(index, position))),
        ),
      ),
      ignoreElements(),
    );
  /** Completes when the checkpoints should be read again. */
  const untilNextRead: Observable<never> = defer(() =>
    sharing === undefined
      ? EMPTY
      : merge(sharing.leases.released$, unrefTimer(sharing.duration / READS, scheduler)).pipe(take(1)),
  ).pipe(ignoreElements());
  const prepare: Observable<never> = readMissing.pipe(
    concatMap((missing) => {
      if (missing.indices.length === 0) return EMPTY;
      const isStored = readMissing.pipe(
        switchMap(({ indices }) => (indices.length === 0 ? EMPTY : concat(untilNextRead, prepare))),
      );
      return concat(storeMissing(missing), isStored);
    }),
  );
  return {
    prepared$: prepare.pipe(
      retry({
        delay(error, failures) {
          if (isPermanent(error)) return throwError(() => error);
          onFailure(error);
          return timer(backoff(failures, options), scheduler);
        },
      }),
    ),
    released$: defer(() => merge(...[...electors.values()].map(({ released$ }) => released$))),
  };
}

/**
 * Stores the first checkpoint of a partition under the lease of the partition, and completes when the lease is released. The
 * lease protects a later checkpoint against a process that is suspended before its write of the first checkpoint. Does nothing
 * if another process holds the lease.
 */
function storeUnderLease<E extends Event>(
  context: SharedPartitionContext<E>,
  { leases$, released$ }: LeaseElector,
  index: number,
  position: number,
): Observable<unknown> {
  const { store, sharing } = context;
  const { leases, observer } = sharing;
  const id = idOfPartition(context, index);
  const storeOnce = (token: number): Observable<unknown> =>
    store
      .getCheckpoint(id)
      .pipe(
        switchMap((checkpoint) =>
          checkpoint === undefined ? whenDurable(store.storeCheckpoint(id, position, token)) : of(undefined),
        ),
      );
  const stored = leases$.pipe(
    switchMap((lease) => (lease === undefined ? of(undefined) : storeOnce(lease.token))),
    take(1),
    // The process that has taken the lease stores the checkpoint.
    catchError((error) => (error instanceof LeaseLostError ? EMPTY : throwError(() => error))),
  );
  return leases
    .get(id)
    .pipe(switchMap((lease = NO_LEASE) => (observer.isHeld(id, lease) ? EMPTY : concat(stored, released$))));
}
