import { from, map, mergeMap, type Observable, toArray } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { idOfPartition, type PartitionContext } from './partition-context.ts';

/** Maximum number of concurrent reads of checkpoints. On a remote store, each read is a request to the server. */
const CONCURRENT_READS = 32;

/** Emits the stored checkpoints of partitions, by index; `undefined` for a partition without a checkpoint. */
export const readCheckpoints = <E extends Event>(
  context: PartitionContext<E>,
  indices: readonly number[],
): Observable<ReadonlyMap<number, number | undefined>> =>
  from(indices).pipe(
    mergeMap(
      (index) =>
        context.store
          .getCheckpoint(idOfPartition(context, index))
          .pipe(map((checkpoint) => [index, checkpoint] as const)),
      CONCURRENT_READS,
    ),
    toArray(),
    map((rows) => new Map(rows)),
  );
