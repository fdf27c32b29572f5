import { hostname } from 'node:os';
import { firstValueFrom } from 'rxjs';
import { serializedErrors } from '../../store/dead-letter.ts';
import type { WatcherReport } from '../../store/monitoring/watcher-report.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import type { WatcherStats } from '../../watcher/managed/watcher.ts';
import { TRANSITIONS } from '../../watcher/managed/watcher-transitions.ts';
import type { WatcherAction, WatcherRow } from '../api.ts';
import type { InspectorContext } from '../inspector-context.ts';

const ACTIONS = ['start', 'pause', 'resume', 'stop', 'seek'] as const satisfies readonly WatcherAction[];

/** Returns whether an action is possible in a state and can change the state. */
function isUseful(action: WatcherAction, state: WatcherState): boolean {
  const states: unknown = TRANSITIONS[action][state];
  return Array.isArray(states) && (states.length > 1 || states[0] !== state);
}

/**
 * Returns whether a redrive is possible in a state. It is not possible in standby, because another process can hold the
 * lease.
 */
export const canRedrive = (state: WatcherState): boolean => state !== 'standby' && state !== 'stopping';

function actionsIn(state: WatcherState, deadLetters: number | undefined): WatcherRow['actions'] {
  // No action is offered, because each one would wait until the attempts in flight have settled.
  if (state === 'stopping') return [];
  const actions = ACTIONS.filter((action) => isUseful(action, state));
  return deadLetters && canRedrive(state) ? [...actions, 'redrive'] : actions;
}

/** Returns the row of a watcher that is not local, from its report. No action is possible. */
function toRow({ redaction }: InspectorContext, report: WatcherReport): WatcherRow {
  const { lastError, reportedAt, ...figures } = report;
  return {
    ...figures,
    ...(lastError && { lastError: redaction.error(lastError, { watcherId: report.id }) }),
    ...(reportedAt && { reportedAt: reportedAt.toISOString() }),
    local: false,
    actions: [],
  };
}

/** Returns the partitions of a watcher of the manager. Partitions that other processes run are in standby. */
const partitionsOf = ({ partitions }: WatcherStats): WatcherRow['partitions'] =>
  partitions && {
    count: partitions.length,
    owned: partitions.filter(({ state }) => state !== 'standby').map(({ index }) => index),
  };

/**
 * Returns the row of a watcher of the manager, with the current statistics. If the store has a report of the watcher, the
 * checkpoint, the lags and the number of dead letters are those of the report.
 */
function toLocalRow(
  { redaction, readOnly }: InspectorContext,
  stats: WatcherStats,
  report: WatcherReport | undefined,
): WatcherRow {
  const { id, state, handled, skipped, retries } = stats;
  const { checkpoint, lag = stats.lag, lagTime = stats.lagTime, deadLetters, reportedAt } = report ?? {};
  const partitions = partitionsOf(stats);
  const [lastError] = stats.lastError === undefined ? [] : serializedErrors(stats.lastError);
  return {
    id,
    state,
    owner: { host: hostname(), pid: process.pid },
    ...(checkpoint !== undefined && { checkpoint }),
    lag,
    lagTime,
    ...(deadLetters !== undefined && { deadLetters }),
    ...(lastError && { lastError: redaction.error(lastError, { watcherId: id }) }),
    ...(reportedAt && { reportedAt: reportedAt.toISOString() }),
    ...(partitions && { partitions }),
    stale: false,
    local: true,
    counts: { handled, skipped, retries },
    actions: readOnly ? [] : actionsIn(state, deadLetters),
  };
}

const isOfThisProcess = ({ owner }: WatcherReport): boolean =>
  owner?.pid === process.pid && owner.host === hostname();

/** Returns the watchers of all processes, ordered by id, host and process. */
export async function readWatcherRows(context: InspectorContext): Promise<readonly WatcherRow[]> {
  const { store, manager } = context;
  const reports = await firstValueFrom(store.watchers());
  const locals = new Map(manager?.watchers().map((watcher) => [watcher.id, watcher.stats()]));
  const rows = reports.map((report) => {
    const stats = locals.get(report.id);
    // If a manager does not report, the store knows its watcher only by the checkpoint, with the state `unknown`.
    if (stats === undefined || !(isOfThisProcess(report) || report.state === 'unknown')) {
      return toRow(context, report);
    }
    locals.delete(report.id);
    return toLocalRow(context, stats, report);
  });
  if (locals.size === 0) return rows;
  const unreported = [...locals.values()].map((stats) => toLocalRow(context, stats, undefined));
  return [...rows, ...unreported].sort((a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1));
}
