import { type Observable, Subject } from 'rxjs';
import type { Reporter, WarningCode } from './logger.ts';

/**
 * Operational trouble of a store: something that no call fails with, and that does not end by itself.
 *
 * @see the guide "What is reported"
 */
export interface Trouble {
  /**
   * Kind of the trouble.
   *
   * - `garbage-collection-failed`: a scheduled run failed; the next one follows after `gcCadence`.
   * - `log-held-by-checkpoint`: the checkpoint of a watcher that does not run here keeps old events from being deleted.
   * - `clock-ahead`: events are dated more than an hour ahead of the clock.
   */
  readonly kind: 'garbage-collection-failed' | 'log-held-by-checkpoint' | 'clock-ahead';
  /** What is wrong and what can be done, for people. */
  readonly message: string;
  /** Error that caused it, if there is one. */
  readonly cause?: unknown;
  /** Id of the watcher whose checkpoint holds the log. */
  readonly watcherId?: string;
}

/** Where troubles of a store are reported. */
export interface Troubles {
  /** Emits each trouble when it is found; completes when the store is closed. */
  readonly trouble$: Observable<Trouble>;
  /** Logs a trouble, and emits it. */
  report(trouble: Trouble): void;
  /** Completes the stream. */
  end(): void;
}

const CODES: Readonly<Record<Trouble['kind'], WarningCode>> = {
  'garbage-collection-failed': 'RX_WATCHER_GARBAGE_COLLECTION_FAILED',
  'log-held-by-checkpoint': 'RX_WATCHER_LOG_HELD_BY_CHECKPOINT',
  'clock-ahead': 'RX_WATCHER_CLOCK_AHEAD',
};

/** Creates the troubles of a store: none yet. */
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
