import type { AppendResult } from '../../contract/event-log.ts';
import type { NewRecord, StoredRecord } from '../../contract/record.ts';
import type { TableVersion } from '../tables/table-version.ts';

/** End of the log, which an append continues. */
export interface LogEndPosition {
  /** Highest sequence number ever assigned; 0 if none was. */
  readonly latest: number;
  /** Timestamp of the record `latest`, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Version of the events table. */
  readonly version: number;
}

/** Records to append, which get contiguous sequence numbers. */
export interface PendingAppend {
  /** Records to append, in order. */
  readonly newRecords: readonly NewRecord[];
  /** Clock of the store at the append, in milliseconds since 1970. */
  readonly now: number;
}

/** Records that are written in one commit. */
export interface AppendBatch {
  /** Adds records and returns their first sequence number and their timestamp. */
  add(append: PendingAppend): AppendResult;
  /** Writes all added records. */
  write(): void;
  /** Added records, in order. */
  readonly records: readonly StoredRecord[];
  /** Returns the end of the log after this batch. */
  end(): LogEndPosition;
}

/**
 * Creates a batch that continues the log after `end`.
 *
 * @param writeRecords - Writes contiguous records.
 */
export function createAppendBatch(
  end: LogEndPosition,
  writeRecords: (records: readonly StoredRecord[]) => void,
  tableVersion: TableVersion,
): AppendBatch {
  const records: StoredRecord[] = [];
  let { latest, timestamp } = end;
  return {
    records,
    add({ newRecords, now }) {
      const firstSeqNum = latest + 1;
      timestamp = Math.max(timestamp, now);
      for (const { operation, objectType, payload } of newRecords) {
        records.push({ operation, objectType, payload, seqNum: ++latest, timestamp });
      }
      return { firstSeqNum, timestamp };
    },
    write() {
      writeRecords(records);
      if (records.length > 1) tableVersion.write(end.version + 1);
    },
    end: () => ({ latest, timestamp, version: end.version + (records.length > 1 ? 1 : 0) }),
  };
}
