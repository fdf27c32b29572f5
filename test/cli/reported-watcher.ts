import { hostname } from 'node:os';
import type { EventStore, ManagerReport } from 'rx-watcher';

/** Stores the report of a manager of this process about one watcher, which is `mailer` and runs by default. */
export async function reportWatcher(
  store: EventStore,
  watcher: Partial<ManagerReport['watchers'][number]> = {},
  report: Partial<ManagerReport> = {},
): Promise<void> {
  await store.internals.reports?.store('manager', {
    host: hostname(),
    pid: process.pid,
    interval: 10_000,
    reportedAt: Date.now(),
    watchers: [{ id: 'mailer', state: 'running', ...watcher }],
    ...report,
  });
}
