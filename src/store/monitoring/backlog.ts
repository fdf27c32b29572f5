import { catchError, map, type Observable } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import { DeserializationError } from '../../errors.ts';

/** End of the log and oldest event after a position, from which the lag of a reader at this position is computed. */
export interface Backlog {
  /** Sequence number of the last event of the log. */
  readonly latestSeqNum: number;
  /**
   * Timestamp of the oldest stored event after the position, in milliseconds since 1970. `undefined` if there is no such
   * event, or its header is damaged.
   */
  readonly oldestTimestamp: number | undefined;
}

/** Number and age of the events after a position. */
export interface Lag {
  /** Number of events between the position and the end of the log. */
  readonly lag: number;
  /** Age of the oldest stored event after the position, in milliseconds; 0 at the tail. */
  readonly lagTime: number;
}

/** Emits the backlog after a position. Reads at most one event header, and no payload. */
export const readBacklog = (log: EventLog, position: number): Observable<Backlog> =>
  log.read({ after: position, filter: undefined, maxScanned: 1, limit: 1, maxBytes: 1 }).pipe(
    map(({ latest, records: [oldest] }) => ({ latestSeqNum: latest, oldestTimestamp: oldest?.timestamp })),
    catchError((error) => {
      if (!(error instanceof DeserializationError)) throw error;
      return log.bounds().pipe(map(({ latest }) => ({ latestSeqNum: latest, oldestTimestamp: undefined })));
    }),
  );

/** Returns the lag of a reader at a position. `now` is the current time in milliseconds since 1970. */
export const lagOf = ({ latestSeqNum, oldestTimestamp }: Backlog, position: number, now: number): Lag => {
  const lag = Math.max(0, latestSeqNum - position);
  return { lag, lagTime: lag === 0 ? 0 : Math.max(0, now - (oldestTimestamp ?? now)) };
};
