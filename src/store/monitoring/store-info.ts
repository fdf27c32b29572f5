import { forkJoin, map, type Observable, of, switchMap } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import { readBacklog } from './backlog.ts';

/** Figures about a store: its log bounds, its sizes and its dead letters. */
export interface StoreInfo {
  /** Name of the engine: `'memory'`, `'lmdb'`, `'jetstream'`, or the name of a custom engine. */
  readonly engine: string;
  /** Sequence number of the oldest event; `latestSeqNum + 1` if the store holds no event. */
  readonly oldestSeqNum: number;
  /** Sequence number of the last event; 0 if no event was ever stored. */
  readonly latestSeqNum: number;
  /** Timestamp of the oldest event; missing if the store holds no event, or the header of this event is damaged. */
  readonly oldestTimestamp?: Date;
  /** Timestamp of the last event; missing if the store holds no event, or the header of this event is damaged. */
  readonly latestTimestamp?: Date;
  /**
   * Approximate size of the events, in bytes. On LMDB, it does not include the index of ids, which takes about 100 bytes for
   * each event that has an id of 36 characters.
   */
  readonly bytes: number;
  /** Size of the data file, in bytes; missing if the engine has no file. The file does not shrink when events are deleted. */
  readonly fileBytes?: number;
  /** Number of the dead letters of all watchers; missing if the engine does not support dead letters. */
  readonly deadLetters?: number;
}

/** Reads the figures about a store from its log. Reads at most two event headers, and no payload. */
export const readInfo = (log: EventLog): Observable<StoreInfo> => {
  const timestampOf = (seqNum: number): Observable<number | undefined> =>
    readBacklog(log, seqNum - 1).pipe(map(({ oldestTimestamp }) => oldestTimestamp));
  return log.bounds().pipe(
    switchMap(({ oldest, latest }) => {
      const isEmpty = oldest > latest;
      return forkJoin({
        oldestTime: isEmpty ? of(undefined) : timestampOf(oldest),
        latestTime: isEmpty ? of(undefined) : timestampOf(latest),
        bytes: log.bytes(),
        fileBytes: log.fileBytes?.() ?? of(undefined),
        deadLetters: log.deadLetters?.count([]) ?? of(undefined),
      }).pipe(
        map(({ oldestTime, latestTime, bytes, fileBytes, deadLetters }) => ({
          engine: log.engine ?? 'custom',
          oldestSeqNum: oldest,
          latestSeqNum: latest,
          ...(oldestTime !== undefined && { oldestTimestamp: new Date(oldestTime) }),
          ...(latestTime !== undefined && { latestTimestamp: new Date(latestTime) }),
          bytes,
          ...(fileBytes !== undefined && { fileBytes }),
          ...(deadLetters !== undefined && { deadLetters: deadLetters.total }),
        })),
      );
    }),
  );
};
