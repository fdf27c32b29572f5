import { catchError, concat, defer, map, type Observable, of, reduce } from 'rxjs';
import { type Fault, InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { Lag } from '../../store/monitoring/backlog.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import { check } from '../../validation/check.ts';
import { textOf } from '../../validation/format-value.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import { durationOrInfinity, wholeOrInfinity } from '../../validation/types.ts';
import type { ManagedWatcher } from './managed-watcher.ts';

/**
 * Result of a check. With `warn`, a person should look at the cause. With `fail`, events are not handled, or a read of the
 * store has failed.
 */
export type HealthStatus = 'pass' | 'warn' | 'fail';

/** Result of one check: of the store, or of one figure of a watcher. */
export interface HealthCheck {
  /**
   * Checked figure: `state`, `lag` or `lagTime` of a watcher, or `deadLetters` of the store. The check `store` passes if
   * the store can be read.
   */
  readonly name: 'store' | 'state' | 'lag' | 'lagTime' | 'deadLetters';
  /** Id of the checked watcher; missing if the check is not about a watcher. */
  readonly watcherId?: string;
  readonly status: HealthStatus;
  /** Explanation for a person, for example `'lag is 1200; the limit is 1000'`. */
  readonly message: string;
}

/** Health of the watchers of a manager and of their store. */
export interface Health {
  /** Worst status of all checks. */
  readonly status: HealthStatus;
  /** All checks: first the store, then each watcher in the order of its creation. */
  readonly checks: readonly HealthCheck[];
}

/** Options of `health`. A figure above its limit is a warning. */
export interface HealthOptions {
  /** Maximum lag of a watcher, in events. Default: the lag is not checked. */
  readonly maxLag?: number | undefined;
  /** Maximum lag time of a watcher, in milliseconds. Default: the lag time is not checked. */
  readonly maxLagTime?: number | undefined;
  /** Maximum number of dead letters in the store. Default: dead letters are not checked. */
  readonly maxDeadLetters?: number | undefined;
}

const HealthOptionsCodec = optionsCodec('{ maxLagTime: 60_000 }', {
  maxLag: wholeOrInfinity,
  maxLagTime: durationOrInfinity,
  maxDeadLetters: wholeOrInfinity,
});

/** Status of a watcher by its state. A state that a command has caused, such as paused, is a warning and not a failure. */
const STATUS: Readonly<Record<WatcherState, HealthStatus>> = {
  idle: 'warn',
  standby: 'pass',
  running: 'pass',
  paused: 'warn',
  stopping: 'warn',
  stopped: 'warn',
  failed: 'fail',
};

const SEVERITY: readonly HealthStatus[] = ['pass', 'warn', 'fail'];

const worst = (one: HealthStatus, other: HealthStatus): HealthStatus =>
  SEVERITY.indexOf(one) > SEVERITY.indexOf(other) ? one : other;

/** Returns the check of a figure; an empty list if there is no limit or no figure. */
function limitCheck(
  identity: Pick<HealthCheck, 'name' | 'watcherId'>,
  value: number | undefined,
  limit: number | undefined,
): readonly HealthCheck[] {
  if (value === undefined || limit === undefined) return [];
  const status = value > limit ? 'warn' : 'pass';
  return [{ ...identity, status, message: `${identity.name} is ${value}; the limit is ${limit}` }];
}

function stateCheck<E extends Event>(watcher: ManagedWatcher<E>): HealthCheck {
  const { id, state, lastError } = watcher.reported();
  const cause = state === 'failed' && lastError ? `: ${lastError.name}: ${lastError.message}` : '';
  return { name: 'state', watcherId: id, status: STATUS[state], message: `${state}${cause}` };
}

/**
 * Emits the health of watchers and of their store. Never errors: a read that fails is a failed check.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid.
 */
export function healthOf<E extends Event>(
  store: EventStore<E>,
  watchers: () => readonly ManagedWatcher<E>[],
  options: HealthOptions,
): Observable<Health> {
  const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of health', faults);
  const { maxLag, maxLagTime, maxDeadLetters } = check(HealthOptionsCodec, options, invalid);

  const failed =
    (identity: Pick<HealthCheck, 'name' | 'watcherId'>) =>
    (error: unknown): Observable<readonly HealthCheck[]> =>
      of([{ ...identity, status: 'fail', message: textOf(error) }]);

  const readDeadLetters = (): Observable<number | undefined> =>
    maxDeadLetters === undefined
      ? store.getLatestSeqNum().pipe(map(() => undefined))
      : store.info().pipe(map(({ deadLetters }) => deadLetters));
  const storeChecks = defer(readDeadLetters).pipe(
    map((deadLetters): readonly HealthCheck[] => [
      { name: 'store', status: 'pass', message: 'the store can be read' },
      ...limitCheck({ name: 'deadLetters' }, deadLetters, maxDeadLetters),
    ]),
    catchError(failed({ name: 'store' })),
  );

  const readsLag = maxLag !== undefined || maxLagTime !== undefined;
  const lagChecks = (watcher: ManagedWatcher<E>): Observable<readonly HealthCheck[]> => {
    const { id: watcherId } = watcher;
    const toChecks = ({ lag, lagTime }: Lag) => [
      ...limitCheck({ name: 'lag', watcherId }, lag, maxLag),
      ...limitCheck({ name: 'lagTime', watcherId }, lagTime, maxLagTime),
    ];
    return watcher.readLag().pipe(map(toChecks), catchError(failed({ name: 'lag', watcherId })));
  };
  const watcherChecks = (watcher: ManagedWatcher<E>) =>
    concat(
      defer(() => of([stateCheck(watcher)])),
      defer(() => (readsLag ? lagChecks(watcher) : of([]))),
    );

  return defer(() => concat(storeChecks, ...watchers().map(watcherChecks))).pipe(
    reduce<readonly HealthCheck[], Health>(
      (health, checks) => ({
        status: checks.reduce((status, one) => worst(status, one.status), health.status),
        checks: [...health.checks, ...checks],
      }),
      { status: 'pass', checks: [] },
    ),
  );
}
