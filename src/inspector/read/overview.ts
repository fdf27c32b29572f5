import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { firstValueFrom } from 'rxjs';
import { watcherIdOf } from '../../store/partition-id.ts';
import type { CountedState, LeaseRow, Overview, WatcherRow } from '../api.ts';
import type { InspectorContext } from '../inspector-context.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/**
 * States from the best to the worst. If several processes have the watcher, the best of their states counts, because one
 * process that handles events is enough.
 */
const STATES: readonly CountedState[] = [
  'running',
  'stopping',
  'paused',
  'standby',
  'failed',
  'stopped',
  'idle',
  'unknown',
  'stale',
];

const countedState = ({ state, stale }: WatcherRow): CountedState => (stale ? 'stale' : state);

/** Returns the number of watchers in each state. A watcher in several processes counts once, in the best of its states. */
function countStates(rows: readonly WatcherRow[]): Overview['watchers'] {
  const best = new Map<string, number>();
  for (const row of rows) {
    const rank = STATES.indexOf(countedState(row));
    best.set(row.id, Math.min(rank, best.get(row.id) ?? rank));
  }
  const counts: Partial<Record<CountedState, number>> = {};
  for (const rank of best.values()) {
    const state = STATES[rank] as CountedState;
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** Returns the watcher with the highest lag time. */
function worstOf(rows: readonly WatcherRow[]): Overview['worst'] {
  let worst: Overview['worst'] = null;
  for (const { id, lag = 0, lagTime = 0 } of rows) {
    if (lag === 0) continue;
    if (worst === null || lagTime > worst.lagTime || (lagTime === worst.lagTime && lag > worst.lag)) {
      worst = { id, lag, lagTime };
    }
  }
  return worst;
}

export async function readOverview(
  { store, readOnly, redact, now }: InspectorContext,
  rows: readonly WatcherRow[],
): Promise<Overview> {
  const { oldestTimestamp, latestTimestamp, ...info } = await firstValueFrom(store.info());
  return {
    ...info,
    ...(oldestTimestamp && { oldestTimestamp: oldestTimestamp.toISOString() }),
    ...(latestTimestamp && { latestTimestamp: latestTimestamp.toISOString() }),
    watchers: countStates(rows),
    worst: worstOf(rows),
    canAct: !readOnly,
    redacted: redact !== undefined,
    host: hostname(),
    pid: process.pid,
    version,
    now: new Date(now()).toISOString(),
  };
}

/** Compares ids. Numbers in ids are compared by their values, so partition 10 follows partition 9. */
const { compare } = new Intl.Collator('en', { numeric: true });

/** Returns the leases of all watchers, ordered by id. */
export async function readLeaseRows({ store }: InspectorContext): Promise<readonly LeaseRow[]> {
  const leases = await firstValueFrom(store.leases());
  return [...leases]
    .map(([id, { owner, token }]) => ({
      id,
      watcherId: watcherIdOf(id),
      ...(owner !== undefined && { owner }),
      token,
    }))
    .sort((a, b) => compare(a.id, b.id));
}
