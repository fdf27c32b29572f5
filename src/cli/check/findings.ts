import type { HealthStatus, StoreInfo, WatcherReport } from '../../index.ts';
import { formatDuration } from '../arguments/duration.ts';
import { formatNumber } from '../output/progress.ts';

/** Limits of the command `check`. A figure without a limit is only reported. */
export interface Limits {
  /** Maximum number of events after the checkpoint of a watcher. */
  readonly maxLag?: number;
  /** Maximum age of the oldest event after the checkpoint of a watcher, in milliseconds. */
  readonly maxLagTime?: number;
  /** Maximum number of dead letters of all watchers. */
  readonly maxDeadLetters?: number;
}

/** Result of the check of one figure. */
export interface Finding {
  readonly name: 'state' | 'lag' | 'lagTime' | 'deadLetters';
  /** Id of the checked watcher; missing if the figure belongs to the whole store. */
  readonly watcherId?: string;
  readonly status: HealthStatus;
  readonly message: string;
  /** Checked value; missing if a state was checked. */
  readonly value?: number;
  /** Limit of the value; missing if the value has no limit. */
  readonly limit?: number;
}

/**
 * States from the best to the worst, with the status of each state. If several processes have the watcher, the best of their
 * states counts, because one process that handles events is enough.
 */
const SEVERITY: readonly (readonly [WatcherReport['state'], HealthStatus])[] = [
  ['running', 'pass'],
  ['stopping', 'warn'],
  ['paused', 'warn'],
  ['standby', 'warn'],
  ['failed', 'fail'],
  ['stopped', 'warn'],
  ['idle', 'warn'],
];

/**
 * Returns the finding about the state of a watcher, from the reports of all processes; `undefined` if there is no report.
 */
function stateFinding(watcherId: string, reports: readonly WatcherReport[]): Finding | undefined {
  const identity = { name: 'state', watcherId } as const;
  const fresh = reports.filter(({ stale, reportedAt }) => !stale && reportedAt !== undefined);
  for (const [state, status] of SEVERITY) {
    const report = fresh.find((each) => each.state === state);
    if (report === undefined) continue;
    const { lastError } = report;
    const cause = state === 'failed' && lastError ? `: ${lastError.name}: ${lastError.message}` : '';
    return { ...identity, status, message: `${state}${cause}` };
  }
  const [stale] = reports.filter((report) => report.stale);
  if (stale === undefined) return undefined;
  return {
    ...identity,
    status: 'fail',
    message: `${stale.state} in process ${stale.owner?.pid} on ${stale.owner?.host}, which has not reported since ${stale.reportedAt?.toISOString()}`,
  };
}

const TITLES = { state: 'state', lag: 'lag', lagTime: 'lag time', deadLetters: 'dead letters' } as const;

function valueFinding(
  identity: Pick<Finding, 'name' | 'watcherId'>,
  value: number | undefined,
  limit: number | undefined,
): readonly Finding[] {
  if (value === undefined) return [];
  const isAbove = limit !== undefined && value > limit;
  const isTime = identity.name === 'lagTime';
  const text = (figure: number): string => (isTime ? formatDuration(figure) : formatNumber(figure));
  const message = `${TITLES[identity.name]} ${text(value)}${limit === undefined ? '' : ` (limit ${text(limit)})`}`;
  return [
    { ...identity, status: isAbove ? 'warn' : 'pass', message, value, ...(limit !== undefined && { limit }) },
  ];
}

export function findingsOf(
  info: StoreInfo,
  watchers: readonly WatcherReport[],
  limits: Limits,
): readonly Finding[] {
  const ids = [...new Set(watchers.map(({ id }) => id))];
  const ofWatchers = ids.flatMap((watcherId) => {
    const reports = watchers.filter(({ id }) => id === watcherId);
    // All reports of a watcher contain the same lag, because all processes share the checkpoint.
    const [{ lag, lagTime }] = reports as [WatcherReport];
    const state = stateFinding(watcherId, reports);
    return [
      ...(state ? [state] : []),
      ...valueFinding({ name: 'lag', watcherId }, lag, limits.maxLag),
      ...valueFinding({ name: 'lagTime', watcherId }, lagTime, limits.maxLagTime),
    ];
  });
  return [...valueFinding({ name: 'deadLetters' }, info.deadLetters, limits.maxDeadLetters), ...ofWatchers];
}

const ORDER: readonly HealthStatus[] = ['pass', 'warn', 'fail'];

/** Returns the worst status of findings; `pass` if there are none. */
export const worstOf = (findings: readonly Finding[]): HealthStatus =>
  findings.reduce<HealthStatus>(
    (worst, { status }) => (ORDER.indexOf(status) > ORDER.indexOf(worst) ? status : worst),
    'pass',
  );
