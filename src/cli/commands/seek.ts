import { hostname } from 'node:os';
import type { Command } from 'commander';
import { defaultIfEmpty, lastValueFrom, map, take } from 'rxjs';
import type { EventIterator, Lease } from '../../index.ts';
import { partitionNameOf } from '../../store/partition-id.ts';
import { parsePosition } from '../arguments/position.ts';
import { type ConfirmOptions, confirm } from '../confirm.ts';
import { printNote } from '../output/print.ts';
import { type OpenStore, withStore } from '../store/open-store.ts';
import { assertInactive, listIds } from '../store/watcher-activity.ts';

/**
 * Returns the checkpoint of a watcher, or the checkpoints of its partitions, by their ids.
 *
 * @throws {@link Error} if the watcher has no checkpoint, because the id can be mistyped. A checkpoint with a mistyped id
 *   would never move, and garbage collection would keep all events after it.
 * @throws {@link Error} if the id is that of a partition, because all partitions move together.
 */
async function checkpointsOf(store: OpenStore, watcherId: string): Promise<ReadonlyMap<string, number>> {
  const checkpoints = await lastValueFrom(store.checkpoints());
  const ofWatcher = new Map(
    [...checkpoints].filter(([id]) => id === watcherId || partitionNameOf(id)?.watcherId === watcherId),
  );
  const whole = partitionNameOf(watcherId)?.watcherId;
  if (whole !== undefined && ofWatcher.size > 0) {
    throw new Error(`'${watcherId}' is a partition of watcher '${whole}'; move the watcher`);
  }
  if (ofWatcher.size > 0) return ofWatcher;
  throw new Error(
    `watcher '${watcherId}' has no checkpoint; watchers with a checkpoint: ${listIds([...checkpoints.keys()])}`,
  );
}

/**
 * Returns the checkpoint from which a watcher continues at a position: the number of the event before the position.
 *
 * @throws {@link Error} if the position is after the end of the log.
 */
async function checkpointFor(store: OpenStore, position: EventIterator): Promise<number> {
  const end = await lastValueFrom(store.getLatestSeqNum());
  if (position.type === 'at_sequence_number' && position.sequenceNumber > end + 1) {
    throw new Error(
      `the position must be at most ${end + 1}, the next event of the log; received ${position.sequenceNumber}`,
    );
  }
  const first$ = store.headers(position, { live: false, batchSize: 1 }).pipe(
    take(1),
    map(({ seqNum }) => seqNum - 1),
    defaultIfEmpty(end),
  );
  return lastValueFrom(first$);
}

const started = (watcherId: string): Error =>
  new Error(`watcher '${watcherId}' was started in the meantime; nothing was changed`);

/** Takes a lease under a new fencing token, so that no earlier holder of the lease can overwrite the checkpoint. */
async function takeLease(store: OpenStore, watcherId: string, id: string, lease: Lease): Promise<Lease> {
  const token = lease.token + 1;
  const owner = `rx-watcher seek ${hostname()}:${process.pid}`;
  const revision = await store.internals.leases?.store(id, { owner, token }, lease.revision);
  if (revision === undefined) throw started(watcherId);
  return { token, revision };
}

/** Move of the checkpoints of a watcher, as it is planned before the user confirms it. */
interface Move {
  readonly watcherId: string;
  /** Ids of the checkpoints: the id of the watcher, or the ids of its partitions. */
  readonly ids: readonly string[];
  /** Lowest checkpoint. */
  readonly from: number;
  readonly to: number;
  /** Leases at the time when the move was planned, by the ids of the checkpoints. */
  readonly leases: ReadonlyMap<string, Lease>;
}

async function planMove(store: OpenStore, watcherId: string, position: EventIterator): Promise<Move> {
  const checkpoints = await checkpointsOf(store, watcherId);
  const ids = [...checkpoints.keys()];
  const leases = await assertInactive(store, watcherId, ids);
  const from = Math.min(...checkpoints.values());
  return { watcherId, ids, from, to: await checkpointFor(store, position), leases };
}

/** Stores the checkpoints, unless the watcher was started after the move was planned. */
async function move(store: OpenStore, { watcherId, ids, to, leases: planned }: Move): Promise<void> {
  const leases = await assertInactive(store, watcherId, ids);
  // A process can run the watcher without a report. It then renews the lease, and each renewal changes the revision.
  if (ids.some((id) => leases.get(id)?.revision !== planned.get(id)?.revision)) throw started(watcherId);
  const taken = new Map<string, Lease>();
  try {
    // All leases are taken before the first checkpoint is stored, so that no checkpoint is changed if one of them is held.
    for (const [id, lease] of leases) taken.set(id, await takeLease(store, watcherId, id, lease));
    for (const id of ids) await store.storeCheckpoint(id, to, taken.get(id)?.token);
  } finally {
    for (const [id, { token, revision }] of taken)
      await store.internals.leases?.store(id, { token }, revision);
  }
}

async function seek(
  location: string,
  watcherId: string,
  position: EventIterator,
  options: ConfirmOptions,
): Promise<void> {
  const plan = await withStore(location, 'read', (store) => planMove(store, watcherId, position));
  const { from, to } = plan;
  if (!(await confirm(`Move the checkpoint of watcher '${watcherId}' from ${from} to ${to}?`, options))) {
    printNote('nothing was changed');
    return;
  }
  await withStore(location, 'write', (store) => move(store, plan));
  printNote(
    `moved the checkpoint of watcher '${watcherId}' from ${from} to ${to}; the next event is ${to + 1}`,
  );
}

export function addSeek(program: Command): void {
  program
    .command('seek')
    .summary('move the checkpoint of a watcher that is not running (writes)')
    .description(
      'Moves the checkpoint of a watcher. The watcher continues with the event at the position. A watcher that is running, paused or in standby is rejected, as far as its reports and its lease show it.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .argument('<watcher>', 'id of the watcher')
    .argument('<position>', 'trim_horizon, latest, a sequence number, 2h or a date', parsePosition)
    .option('--yes', 'do not ask')
    .action(seek);
}
