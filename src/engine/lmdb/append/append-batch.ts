import type { AppendResult } from '../../contract/event-log.ts';
import type { NewRecord, StoredRecord } from '../../contract/record.ts';
import type { TableVersion } from '../tables/table-version.ts';

/** Where the log ends, as whoever appends leaves it behind. */
export interface LogEndPosition {
  /** The highest number ever given. */
  readonly latest: number;
  /** When that record was appended, in milliseconds since 1970. */
  readonly timestamp: number;
  /** In which generation. */
  readonly generation: number;
}

/** Drafts that are to become contiguous records. */
export interface PendingAppend {
  /** The records to be. */
  readonly drafts: readonly NewRecord[];
  /** The clock at their append, in milliseconds since 1970. */
  readonly now: number;
}

/** Records that are packed together and written at once. */
export interface AppendBatch {
  /** Adds some, and tells their numbers and time. */
  add(draft: PendingAppend): AppendResult;
  /** Writes all of them. */
  write(): void;
  /** They, in order. */
  readonly records: readonly StoredRecord[];
  /** Tells where the log ends with them. */
  end(): LogEndPosition;
}

/**
 * Begins a batch behind an end.
 *
 * @param writeRecords - Writes records that follow one another.
 */
export function beginBatch(
  end: LogEndPosition,
  writeRecords: (records: readonly StoredRecord[]) => void,
  generation: TableVersion,
): AppendBatch {
  const records: StoredRecord[] = [];
  let { latest, timestamp } = end;
  return {
    records,
    add({ drafts, now }) {
      const firstSeqNum = latest + 1;
      timestamp = Math.max(timestamp, now);
      for (const { operation, objectType, payload } of drafts) {
        records.push({ operation, objectType, payload, seqNum: ++latest, timestamp });
      }
      return { firstSeqNum, timestamp };
    },
    write() {
      writeRecords(records);
      if (records.length > 1) generation.write(end.generation + 1);
    },
    end: () => ({ latest, timestamp, generation: end.generation + (records.length > 1 ? 1 : 0) }),
  };
}
