import { type Observable, Subject } from 'rxjs';
import type { Reporter, WarningCode } from './logger.ts';

/**
 * Condition of a store that needs action and that no call of the store reports.
 *
 * @see [Logs and warnings](../../../docs/guides/logs-and-warnings.md)
 */
export interface Trouble {
  /**
   * Kind of the trouble.
   *
   * - `garbage-collection-failed`: a scheduled run failed; the next run follows after `gcCadence`.
   * - `log-held-by-checkpoint`: old events are retained by the checkpoint of a watcher that does not run on this store.
   * - `clock-ahead`: the timestamps of events are more than an hour ahead of the clock.
   */
  readonly kind: 'garbage-collection-failed' | 'log-held-by-checkpoint' | 'clock-ahead';
  /** Description of the trouble and of its remedy, for logs. */
  readonly message: string;
  /** Error that caused the trouble, if there is one. */
  readonly cause?: unknown;
  /** Id of the watcher with the checkpoint that retains events. */
  readonly watcherId?: string;
}

/** Part of a store that reports its troubles. */
export interface Troubles {
  /** Emits each trouble when it is found; completes when the store is closed. */
  readonly trouble$: Observable<Trouble>;
  /** Logs a trouble and emits it. */
  report(trouble: Trouble): void;
  /** Completes `trouble$`. */
  end(): void;
}

const CODES: Readonly<Record<Trouble['kind'], WarningCode>> = {
  'garbage-collection-failed': 'RX_WATCHER_GARBAGE_COLLECTION_FAILED',
  'log-held-by-checkpoint': 'RX_WATCHER_LOG_HELD_BY_CHECKPOINT',
  'clock-ahead': 'RX_WATCHER_CLOCK_AHEAD',
};

/** Creates the part of a store that logs its troubles and emits them. */
export function createTroubles(logger: Reporter): Troubles {
  const trouble$ = new Subject<Trouble>();
  return {
    trouble$: trouble$.asObservable(),
    report(trouble) {
      logger.warn(trouble.message, CODES[trouble.kind]);
      trouble$.next(trouble);
    },
    end: () => trouble$.complete(),
  };
}
