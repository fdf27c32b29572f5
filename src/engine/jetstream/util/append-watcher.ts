import type { NatsConnection } from '@nats-io/transport-node';
import {
  asyncScheduler,
  catchError,
  EMPTY,
  filter,
  merge,
  type Observable,
  Subject,
  skip,
  switchMap,
} from 'rxjs';
import { queueMicrotask } from '../../../scheduling/clock.ts';
import { unrefInterval } from '../../../scheduling/unref-timers.ts';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { messagesOn } from './messages-on.ts';

/**
 * Interval between reads of the latest sequence number, in milliseconds. These reads detect an append if its notification
 * was lost between servers of a cluster.
 */
const POLL_INTERVAL = 10_000;

/** Header with the sequence number of a message that the server has stored. */
const SEQUENCE = 'Nats-Sequence';

export interface AppendWatcherDependencies {
  readonly connection: NatsConnection;
  readonly state$: Observable<ConnectionState>;
  /** Subjects on which the server reports stored messages. */
  readonly storedSubjects: string;
  readonly stream: string;
  readonly readLatest: () => Observable<number>;
  /** Latest sequence number at the start. */
  readonly latest: number;
  readonly logger: Reporter;
}

/**
 * Detects appends of all processes, by the messages that the server republishes and by regular reads of the latest sequence
 * number.
 */
export function watchAppends(dependencies: AppendWatcherDependencies) {
  const { connection, state$, storedSubjects, stream, readLatest, logger } = dependencies;
  const appended$ = new Subject<undefined>();
  let latest = dependencies.latest;
  let isNotifying = false;

  const notify = () => {
    isNotifying = false;
    appended$.next(undefined);
  };
  /**
   * Records a sequence number, and notifies in a microtask if the number is new. All numbers that arrive in one packet cause
   * one notification.
   */
  const advanceTo = (seqNum: number) => {
    if (seqNum <= latest) return;
    latest = seqNum;
    if (isNotifying) return;
    isNotifying = true;
    queueMicrotask(notify);
  };

  const messages = (subject: string) =>
    messagesOn(connection, subject, (error) => {
      logger.error(
        `appends of other processes are detected late: ${textOf(error)}`,
        'RX_WATCHER_APPENDS_UNNOTICED',
      );
    });

  const stored = messages(storedSubjects).subscribe(({ headers }) =>
    advanceTo(Number(headers?.get(SEQUENCE))),
  );
  const triggers$ = merge(
    state$.pipe(
      skip(1),
      filter((state) => state === 'connected'),
    ),
    // A leader that has failed may have stored an event without republishing it, so the latest number is read after the
    // election of a new leader.
    messages(`$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${stream}`),
    unrefInterval(POLL_INTERVAL, asyncScheduler),
  );
  const checks = triggers$
    .pipe(
      switchMap(() =>
        readLatest().pipe(
          catchError((error) => {
            logger.debug(`cannot check for new events: ${textOf(error)}`);
            return EMPTY;
          }),
        ),
      ),
    )
    .subscribe(advanceTo);

  return {
    /** Emits after appends of any process. Several appends can cause one emission. */
    appended$: appended$.asObservable(),
    /** Records the sequence number of an append of this process. */
    advanceTo,
    end() {
      stored.unsubscribe();
      checks.unsubscribe();
    },
  };
}
