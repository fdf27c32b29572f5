import { hostname } from 'node:os';
import { lastValueFrom } from 'rxjs';
import type { Lease, WatcherReport } from '../../index.ts';
import type { OpenStore } from './open-store.ts';

/** States in which a process handles events of a watcher, or is about to. */
const ACTIVE: readonly WatcherReport['state'][] = ['running', 'paused', 'standby', 'stopping'];

/** Returns whether a process of this host exists. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Returns why a report says that its watcher is active; `undefined` if the watcher has ended. */
function activityOf({ state, owner, stale, reportedAt }: WatcherReport): string | undefined {
  if (!ACTIVE.includes(state)) return undefined;
  const place = `process ${owner?.pid} on ${owner?.host}`;
  if (!stale) return `it is ${state} in ${place}`;
  // A killed process leaves its report. A process that computes for long cannot renew it.
  const isOfThisHost = owner?.host === hostname();
  if (!isOfThisHost || !isAlive(owner.pid)) return undefined;
  return `it was ${state} in ${place} at ${reportedAt?.toISOString()}, and this process still exists`;
}

/**
 * Checks that no process runs a watcher, as far as its reports and its lease show.
 *
 * @returns Lease of the watcher, if it has one.
 * @throws {@link Error} if a process runs the watcher.
 */
export async function assertInactive(store: OpenStore, watcherId: string): Promise<Lease | undefined> {
  const watchers = await lastValueFrom(store.watchers());
  const reports = watchers.filter(({ id, reportedAt }) => id === watcherId && reportedAt !== undefined);
  const lease = (await lastValueFrom(store.leases())).get(watcherId);
  const reasons = reports.map(activityOf).filter((reason) => reason !== undefined);
  // Without a report, only a release shows that the holder has ended.
  if (reports.length === 0 && lease?.owner !== undefined) reasons.push(`${lease.owner} holds its lease`);
  if (reasons.length === 0) return lease;
  throw new Error(
    `watcher '${watcherId}' is not stopped: ${reasons.join(', and ')}; stop it, or use seek() of its application`,
  );
}
