import type { Database } from 'lmdb';
import type { Appended, LogBounds, RecordDraft, StoredRecord, Trimmed } from '../../store/event-log.ts';
import { viewChunk } from './chunk-view.ts';
import { chunksOf, encodeChunk } from './encode-chunk.ts';
import type { StoredChunk } from './read-chunks.ts';

/**
 * Before the first chunk, under the number that no event has, stands up to where the log was trimmed: that number and
 * its record's time, each a little-endian double. An emptied log goes on from there.
 */
const TRIMMED_KEY = 0;

/** Drafts that are to become contiguous records. */
export interface Draft {
  /** The records to be. */
  readonly drafts: readonly RecordDraft[];
  /** The clock at their append, in milliseconds since 1970. */
  readonly now: number;
}

/** Records that are packed together and written at once. */
export interface LogBatch {
  /** Adds some, and tells their numbers and time. */
  add(draft: Draft): Appended;
  /** Writes all of them. */
  write(): void;
}

/** The table of chunks, as a transaction sees it: whatever reads or writes here is to be called inside one. */
export interface LogTable {
  /** Tells which numbers are held. */
  bounds(): LogBounds;
  /** The chunks that hold what comes after a number, in order. */
  chunksAfter(after: number): Iterable<StoredChunk>;
  /** Begins a batch of records behind the last one. */
  begin(): LogBatch;
  /** The first number held whose record was appended at this time or later; `latest + 1` if none was. */
  firstAt(timestamp: number): number;
  /** Lets go of everything up to a number. */
  trim(through: number): Trimmed;
}

/** Opens the table of chunks in a sub-database. */
export function createLogTable(events: Database<Buffer, number>): LogTable {
  const trimmed = (): { through: number; timestamp: number } => {
    const value = events.get(TRIMMED_KEY);
    return value === undefined
      ? { through: 0, timestamp: 0 }
      : { through: value.readDoubleLE(0), timestamp: value.readDoubleLE(8) };
  };

  const lastKey = (): number => {
    for (const key of events.getKeys({ reverse: true, limit: 1 })) return key;
    return TRIMMED_KEY;
  };

  const latestSeqNum = (): number => lastKey() || trimmed().through;

  /** The time of a record; `unknown` if its chunk is damaged. */
  const timeOf = (seqNum: number, unknown: number): number => {
    if (seqNum <= trimmed().through) return trimmed().timestamp;
    for (const { key, value } of events.getRange({ start: seqNum, limit: 1 })) {
      const view = viewChunk(value);
      return typeof view === 'string' ? unknown : view.timestamp(view.count - 1 - (key - seqNum));
    }
    return unknown;
  };

  return {
    bounds: () => ({ oldest: trimmed().through + 1, latest: latestSeqNum() }),

    chunksAfter: (after) => events.getRange({ start: after + 1 }),

    begin() {
      let latest = latestSeqNum();
      // A damaged record does not hold the clock.
      let timestamp = timeOf(latest, 0);
      const records: StoredRecord[] = [];
      return {
        add({ drafts, now }) {
          const firstSeqNum = latest + 1;
          timestamp = Math.max(timestamp, now);
          for (const draft of drafts) records.push({ ...draft, seqNum: ++latest, timestamp });
          return { firstSeqNum, timestamp };
        },
        write() {
          for (const chunk of chunksOf(records)) {
            void events.put((chunk.at(-1) as StoredRecord).seqNum, encodeChunk(chunk));
          }
        },
      };
    },

    firstAt(timestamp) {
      // A damaged record counts as young: what is not known to be old is not let go of.
      let low = trimmed().through + 1;
      let high = latestSeqNum() + 1;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (timeOf(middle, Number.POSITIVE_INFINITY) < timestamp) low = middle + 1;
        else high = middle;
      }
      return low;
    },

    trim(through) {
      const before = trimmed().through;
      const upTo = Math.min(through, latestSeqNum());
      if (upTo <= before) return { deleted: 0, oldest: before + 1 };
      const mark = Buffer.alloc(16);
      mark.writeDoubleLE(upTo, 0);
      mark.writeDoubleLE(timeOf(upTo, 0), 8);
      for (const key of [...events.getKeys({ start: TRIMMED_KEY + 1, end: upTo + 1 })])
        void events.remove(key);
      void events.put(TRIMMED_KEY, mark);
      return { deleted: upTo - before, oldest: upTo + 1 };
    },
  };
}
