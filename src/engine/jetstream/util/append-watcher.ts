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

/** Between two servers of a cluster a message may be lost that tells of an event; so much later it is noticed. */
const INSURANCE = 10_000;

/** The header in which the server tells the number of a message that it has stored. */
const SEQUENCE = 'Nats-Sequence';

/** What the growth of a stream is noticed by. */
export interface AppendWatcherParts {
  /** The connection. */
  readonly connection: NatsConnection;
  /** What becomes of it. */
  readonly state$: Observable<ConnectionState>;
  /** Where the server says what it has stored. */
  readonly storedSubjects: string;
  /** The name of the stream. */
  readonly stream: string;
  /** Reads the latest number. */
  readonly readLatest: () => Observable<number>;
  /** The latest number at the beginning. */
  readonly latest: number;
  /** Where it warns. */
  readonly logger: Reporter;
}

/** Notices that the stream has grown, whoever it was that appended. */
export function watchAppends(parts: AppendWatcherParts) {
  const { connection, state$, storedSubjects, stream, readLatest, logger } = parts;
  const grown$ = new Subject<void>();
  let known = parts.latest;
  let isTelling = false;

  const tell = () => {
    isTelling = false;
    grown$.next();
  };
  /** What came in one piece over the wire is told of once. */
  const advanceTo = (latest: number) => {
    if (latest <= known) return;
    known = latest;
    if (isTelling) return;
    isTelling = true;
    queueMicrotask(tell);
  };

  const heard = (subject: string) =>
    messagesOn(connection, subject, (error) => {
      logger.error(
        `appends of other processes are noticed late: ${textOf(error)}`,
        'RX_WATCHER_APPENDS_UNNOTICED',
      );
    });

  const stored = heard(storedSubjects).subscribe(({ headers }) => advanceTo(Number(headers?.get(SEQUENCE))));
  const occasions$ = merge(
    state$.pipe(
      skip(1),
      filter((state) => state === 'connected'),
    ),
    // A leader that has died may have stored an event and told nobody.
    heard(`$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${stream}`),
    unrefInterval(INSURANCE, asyncScheduler),
  );
  const looks = occasions$
    .pipe(
      switchMap(() =>
        readLatest().pipe(
          catchError((error) => {
            logger.debug(`cannot look for new events: ${textOf(error)}`);
            return EMPTY;
          }),
        ),
      ),
    )
    .subscribe(advanceTo);

  return {
    /** Emits when there is something to read that was not there before. */
    grown$: grown$.asObservable(),
    /** Takes note of a number that was given. */
    advanceTo,
    /** Looks no more. */
    end() {
      stored.unsubscribe();
      looks.unsubscribe();
    },
  };
}
