import { hostname } from 'node:os';
import { lastValueFrom } from 'rxjs';
import type { Lease, WatcherReport } from '../../index.ts';
import type { OpenStore } from './open-store.ts';

/** States in which a process handles events of a watcher, or can soon handle events. */
const ACTIVE: readonly WatcherReport['state'][] = ['running', 'paused', 'standby', 'stopping'];

/** Returns whether a process of this host exists. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Returns the reason why a watcher counts as active by a report; `undefined` if the watcher has ended. */
function activityOf({ state, owner, stale, reportedAt }: WatcherReport): string | undefined {
  if (!ACTIVE.includes(state)) return undefined;
  const place = `process ${owner?.pid} on ${owner?.host}`;
  if (!stale) return `it is ${state} in ${place}`;
  // A report becomes stale if its process was killed, or if the process computes for a long time without a turn of the event
  // loop.
  const isOfThisHost = owner?.host === hostname();
  if (!isOfThisHost || !isAlive(owner.pid)) return undefined;
  return `it was ${state} in ${place} at ${reportedAt?.toISOString()}, and this process still exists`;
}

/**
 * Checks that no process runs a watcher, as far as the reports and the leases of the watcher show this.
 *
 * @param ids - Ids of the checkpoints of the watcher: its own id, or the ids of its partitions.
 * @returns Leases of the watcher, by these ids.
 * @throws {@link Error} if a process runs the watcher.
 */
export async function assertInactive(
  store: OpenStore,
  watcherId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Lease>> {
  const watchers = await lastValueFrom(store.watchers());
  const reports = watchers.filter(({ id, reportedAt }) => id === watcherId && reportedAt !== undefined);
  const all = await lastValueFrom(store.leases());
  const leases = new Map([...all].filter(([id]) => ids.includes(id)));
  const reasons = reports.map(activityOf).filter((reason) => reason !== undefined);
  // If there is no report, only a released lease shows that the holder has ended.
  const owners = new Set([...leases.values()].flatMap(({ owner }) => owner ?? []));
  if (reports.length === 0) for (const owner of owners) reasons.push(`${owner} holds its lease`);
  if (reasons.length === 0) return leases;
  throw new Error(
    `watcher '${watcherId}' is not stopped: ${reasons.join(', and ')}; stop it, or use seek() of its application`,
  );
}

/** Maximum number of watchers that an error lists. */
const LISTED = 10;

/** Returns ids of watchers as text, for example `'billing', 'mailer' and 3 more`. */
export function listIds(ids: readonly string[]): string {
  const sorted = [...new Set(ids)].sort();
  if (sorted.length === 0) return 'none';
  const more = sorted.length > LISTED ? ` and ${sorted.length - LISTED} more` : '';
  const listed = sorted.slice(0, LISTED).map((id) => `'${id}'`);
  return listed.join(', ') + more;
}
