import { map, type Observable, shareReplay } from 'rxjs';
import type { EventLog } from '../engine/contract/event-log.ts';
import { currentTurn } from '../scheduling/event-loop-turn.ts';
import type { OpenGuard } from './open-guard.ts';

/** Parts of the id of a partition. */
export interface PartitionName {
  /** Id of the watcher. */
  readonly watcherId: string;
  /** Index of the partition, from 0. */
  readonly index: number;
  /** Number of partitions of the watcher. */
  readonly count: number;
}

const PARTITION = /^(.+) \[(\d+)\/(\d+)\]$/s;
const MEMBER = /^(.+) \[member \d+\]$/s;

/** Returns the id under which the checkpoint and the lease of a partition are stored, for example `mailer [3/16]`. */
export const partitionId = (watcherId: string, index: number, count: number): string =>
  `${watcherId} [${index}/${count}]`;

/**
 * Returns the id of the lease that makes a process a member of a watcher with partitions, for example `mailer [member 0]`.
 */
export const memberId = (watcherId: string, slot: number): string => `${watcherId} [member ${slot}]`;

/** Returns the parts of the id of a partition; `undefined` if the id does not belong to a partition. */
export function partitionNameOf(id: string): PartitionName | undefined {
  const [, watcherId, index, count] = PARTITION.exec(id) ?? [];
  if (watcherId === undefined || Number(index) >= Number(count)) return undefined;
  return { watcherId, index: Number(index), count: Number(count) };
}

/** Returns whether an id belongs to a member of this watcher. */
export const isMemberId = (id: string, watcherId: string): boolean => MEMBER.exec(id)?.[1] === watcherId;

/** Returns the id of the watcher to which a lease belongs. The lease can protect the watcher, a partition or a member. */
export const watcherIdOf = (id: string): string => (PARTITION.exec(id) ?? MEMBER.exec(id))?.[1] ?? id;

/** Returns whether an id has the form of the id of a partition or of a member. */
export const isReservedId = (id: string): boolean => PARTITION.test(id) || MEMBER.test(id);

/**
 * Creates a function that emits whether a log has checkpoints of partitions of a watcher. All calls in one turn of the event
 * loop share one read, because a program can start thousands of watchers.
 */
export function createPartitionCheck(
  log: EventLog,
  guard: OpenGuard,
): (watcherId: string) => Observable<boolean> {
  let last: { readonly turn: number; readonly ids$: Observable<ReadonlySet<string>> } | undefined;
  const idsNow = (): Observable<ReadonlySet<string>> => {
    const turn = currentTurn();
    if (last?.turn === turn) return last.ids$;
    const ids$ = log.checkpoints().pipe(
      map((all) => new Set([...all.keys()].flatMap((id) => partitionNameOf(id)?.watcherId ?? []))),
      shareReplay(1),
    );
    last = { turn, ids$ };
    return ids$;
  };
  return (watcherId) => guard.reading(() => idsNow().pipe(map((ids) => ids.has(watcherId))));
}
