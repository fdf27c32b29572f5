import { assignContext } from '../../../event/event-context.ts';
import { assertDuplicate } from '../../contract/assert-duplicate.ts';
import type { AppendResult } from '../../contract/event-log.ts';
import type { NewRecord, StoredRecord } from '../../contract/record.ts';
import type { TableVersion } from '../tables/table-version.ts';

/** End of the log, which an append continues. */
export interface LogEndPosition {
  /** Highest sequence number ever assigned; 0 if no number was assigned. */
  readonly latest: number;
  /** Timestamp of the record `latest`, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Version of the events table, see `createEventsTable`. */
  readonly version: number;
}

/** Records to append, which get contiguous sequence numbers. */
export interface PendingAppend {
  readonly newRecords: readonly NewRecord[];
  /** Clock of the store at the append, in milliseconds since 1970. */
  readonly now: number;
}

/** Records that are written in one commit. */
export interface AppendBatch {
  /**
   * Adds the records of an append that are not duplicates, and returns the result of the append.
   *
   * If this method throws, the batch is unchanged.
   *
   * @throws {@link DuplicateIdError} if an id belongs to a different event.
   * @throws {@link DeserializationError} if the stored event with an id is damaged.
   */
  add(append: PendingAppend): AppendResult;
  /** Writes all added records. Must be called inside a transaction or a conditional write. */
  write(): void;
  /** Added records, in order. */
  readonly records: readonly StoredRecord[];
  /** Returns the end of the log after this batch. */
  end(): LogEndPosition;
}

/** Operations of the events table that a batch uses. */
export interface AppendTarget {
  /** Writes contiguous records as chunks, and the rows of their ids. */
  writeRecords(records: readonly StoredRecord[]): void;
  /**
   * Returns the record that the log holds under an id; `undefined` if it holds none.
   *
   * @throws {@link DeserializationError} if the record is damaged.
   */
  recordWithId(id: string): StoredRecord | undefined;
  readonly version: TableVersion;
}

/** Creates a batch that continues the log after `end`. */
export function createAppendBatch(end: LogEndPosition, target: AppendTarget): AppendBatch {
  const records: StoredRecord[] = [];
  const recordById = new Map<string, StoredRecord>();
  let { latest, timestamp } = end;

  /** Returns the held records that have the id of a new record, by the index of the new record. */
  const findDuplicates = (newRecords: readonly NewRecord[]): ReadonlyMap<number, StoredRecord> => {
    const duplicates = new Map<number, StoredRecord>();
    for (const [index, record] of newRecords.entries()) {
      if (record.id === undefined) continue;
      const held = recordById.get(record.id) ?? target.recordWithId(record.id);
      if (held === undefined) continue;
      assertDuplicate(held, record, held.seqNum);
      duplicates.set(index, held);
    }
    return duplicates;
  };
  const push = (newRecord: NewRecord): number => {
    const { operation, objectType, payload } = newRecord;
    const record = { operation, objectType, payload, seqNum: ++latest, timestamp };
    assignContext(record, newRecord);
    records.push(record);
    if (newRecord.id !== undefined) recordById.set(newRecord.id, record);
    return latest;
  };

  return {
    records,
    add({ newRecords, now }) {
      const duplicates = findDuplicates(newRecords);
      if (duplicates.size < newRecords.length) timestamp = Math.max(timestamp, now);
      const result = { firstSeqNum: latest + 1, timestamp };
      const seqNums = newRecords.map((record, index) => duplicates.get(index)?.seqNum ?? push(record));
      return duplicates.size === 0 ? result : { ...result, seqNums, duplicates };
    },
    write() {
      target.writeRecords(records);
      if (records.length > 1) target.version.write(end.version + 1);
    },
    end: () => ({ latest, timestamp, version: end.version + (records.length > 1 ? 1 : 0) }),
  };
}
