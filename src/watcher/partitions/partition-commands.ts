import { firstValueFrom, forkJoin, lastValueFrom, map, toArray } from 'rxjs';
import { CheckpointError, InvalidStateError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../../event/event-iterator.ts';
import { uncheckedPartitionOf } from '../../event/partition-of.ts';
import type { Outcome } from '../../handling/outcome.ts';
import type { ManagedWatcher } from '../managed/managed-watcher.ts';
import { type RedriveOptions, selectDeadLetters } from '../managed/redrive-command.ts';
import { positionOf } from '../run/start-position.ts';
import { idOfPartition } from './partition-context.ts';
import type { PartitionGroup } from './partition-group.ts';
import { assertPartitionCount } from './prepare-partitions.ts';

/** Returns the indices of the partitions that other processes hold. Reads the leases. */
async function heldElsewhere<E extends Event>({ context }: PartitionGroup<E>): Promise<ReadonlySet<number>> {
  const { sharing, count } = context;
  if (sharing === undefined) return new Set();
  const { reader, observer, owner } = sharing;
  const all = await firstValueFrom(reader.read());
  const indices = Array.from({ length: count }, (_, index) => index);
  return new Set(
    indices.filter((index) => {
      const id = idOfPartition(context, index);
      const lease = all.get(id);
      return lease !== undefined && lease.owner !== owner && observer.isHeld(id, lease);
    }),
  );
}

const listed = (indices: Iterable<number>): string => [...indices].join(', ');

/**
 * Moves all partitions to the same position, and restarts them at this position.
 *
 * @throws {@link CheckpointError} if the target is after the end of the log, or if the stored checkpoints belong to another
 *   number of partitions.
 * @throws {@link SequenceTrimmedError} if events after the target were trimmed.
 * @throws {@link InvalidStateError} if other processes hold partitions.
 */
export async function seekPartitions<E extends Event>(
  group: PartitionGroup<E>,
  target: EventIterator,
  isCurrent: () => boolean,
): Promise<void> {
  const { watcherId, store } = group.context;
  const position = await firstValueFrom(
    forkJoin([positionOf(store, target), store.getLatestSeqNum(), store.checkpoints()]).pipe(
      map(([seqNum, latest, checkpoints]) => {
        assertPartitionCount(group.context, checkpoints);
        if (seqNum <= latest) return seqNum;
        throw new CheckpointError(
          watcherId,
          `must be at most the last event of the log, ${latest}; received ${seqNum}`,
        );
      }),
    ),
  );
  await group.suspended(async () => {
    const others = await heldElsewhere(group);
    if (others.size > 0) {
      const state = `handled by other processes, too: they hold its partitions ${listed(others)}`;
      throw new InvalidStateError(watcherId, 'seek', state);
    }
    if (!isCurrent()) return;
    if (!group.isStarted) group.start();
    await group.prepared();
    if (!isCurrent() || !group.isStarted) return;
    group.isPaused = false;
    const moved = afterSequenceNumber(position);
    await Promise.all(group.partitions.map((partition) => partition.seek(moved)));
  });
}

/**
 * Redrives the dead letters of the watcher, one partition after another.
 *
 * Without `seqNums`, only the partitions that no other process holds redrive their dead letters. The other dead letters need
 * a redrive in the other processes.
 *
 * @throws {@link InvalidOptionsError} if a requested dead letter does not exist.
 * @throws {@link InvalidStateError} if another process holds the partition of a requested dead letter.
 */
export async function redrivePartitions<E extends Event>(
  group: PartitionGroup<E>,
  options: RedriveOptions,
): Promise<readonly Outcome<E>[]> {
  const { watcherId, store, count } = group.context;
  const deadLetters = await lastValueFrom(store.deadLetters(watcherId).pipe(toArray()));
  const others = await heldElsewhere(group);
  const byPartition = new Map<number, number[]>();
  for (const { seqNum, event } of selectDeadLetters(deadLetters, options)) {
    // The key of an event that cannot be decoded is unknown, so its dead letter is treated like that of an event without a
    // key.
    const index = uncheckedPartitionOf(event?.key, count);
    byPartition.set(index, [...(byPartition.get(index) ?? []), seqNum]);
  }
  const held = [...byPartition.keys()].filter((index) => others.has(index));
  if (options.seqNums !== undefined && held.length > 0) {
    const state = `handled by other processes, too: they hold its partitions ${listed(held)}`;
    throw new InvalidStateError(watcherId, 'redrive', state);
  }
  return group.suspended(async () => {
    const outcomes: Outcome<E>[] = [];
    for (const [index, seqNums] of byPartition) {
      if (others.has(index)) continue;
      const partition = group.partitions[index] as ManagedWatcher<E>;
      outcomes.push(...(await partition.redrive({ seqNums })));
    }
    return outcomes.sort((a, b) => a.seqNum - b.seqNum);
  });
}
