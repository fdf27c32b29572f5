import type { Database } from 'lmdb';
import type { LogBounds, TrimResult } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { type AppendBatch, beginBatch, type LogEndPosition } from '../append/append-batch.ts';
import type { OpenedChunk } from '../chunks/chunk-cache.ts';
import { createChunkCache } from '../chunks/chunk-cache.ts';
import { type ChunkView, viewChunk } from '../chunks/chunk-view.ts';
import { compactChunks } from '../chunks/compact-chunks.ts';
import { chunksOf, encodeChunk } from '../chunks/encode-chunk.ts';
import { METADATA_KEY, readMetadata, writeMetadata } from './log-metadata.ts';
import type { TableVersion } from './table-version.ts';

/** The table of chunks, as a transaction sees it: whatever reads or writes here is to be called inside one. */
export interface EventsTable {
  /** Tells which numbers are held. */
  bounds(): LogBounds;
  /** The same, and the chunks that hold what comes after a number, in order. */
  chunksAfter(after: number): LogBounds & { readonly chunks: Iterable<OpenedChunk> };
  /** A record that is held and whole. */
  recordOf(seqNum: number): StoredRecord | undefined;
  /** Where the log ends. */
  end(): LogEndPosition;
  /** Begins a batch of records behind an end. */
  begin(end: LogEndPosition): AppendBatch;
  /** Writes a batch if the log still ends there when it is committed; tells whether it did. */
  writeIfStill(end: LogEndPosition, batch: AppendBatch): Promise<boolean>;
  /** Writes records of another log as they are, if `after` is the latest number ever given, or none was; tells whether. */
  importRecords(after: number, records: readonly StoredRecord[]): boolean;
  /** The first number held whose record was appended at this time or later; `latest + 1` if none was. */
  seqNumForTimestamp(timestamp: number): number;
  /** Lets go of everything up to a number. */
  trim(through: number): TrimResult;
  /** Puts small chunks together, looking at about so many records; tells whether there may be more to do. */
  compact(maxRecords: number): boolean;
}

/** All of a record but its payload. */
const headerOf = (view: ChunkView, index: number, seqNum: number) => ({
  seqNum,
  operation: view.operation(index),
  objectType: view.objectType(index),
  timestamp: view.timestamp(index),
});

/** A record of a chunk, its payload at hand; `undefined` if it is damaged. */
function wholeRecord(view: ChunkView, index: number, seqNum: number): StoredRecord | undefined {
  const payload = view.payload(index);
  return payload && { ...headerOf(view, index, seqNum), payload };
}

/**
 * Opens the table of chunks in a sub-database.
 *
 * @param generation - Counts what becomes of the table, except for one thing: an append of a single record leaves it as
 *   it is. Such an append shows in a key one above the last, which nothing else takes away without a new generation. A
 *   writer that knows where the log ended, and in which generation, therefore has LMDB find out by two keys whether it
 *   still ends there; and an append of one record writes nothing else.
 */
export function createEventsTable(events: Database<Buffer, number>, generation: TableVersion): EventsTable {
  const openedAfter = createChunkCache(events);
  const lastKey = (): number => {
    for (const key of events.getKeys({ reverse: true, limit: 1 })) return key;
    return METADATA_KEY;
  };

  const latestSeqNum = (): number => lastKey() || readMetadata(events).trimmedThrough;

  /** The chunk that holds a record, and the index in it; `undefined` if the chunk is damaged or missing. */
  const find = (seqNum: number) => {
    for (const { key, value } of events.getRange({ start: seqNum, limit: 1 })) {
      const view = viewChunk(value, key);
      const index = typeof view === 'string' ? -1 : view.count - 1 - (key - seqNum);
      return index < 0 ? undefined : { view: view as ChunkView, index };
    }
    return undefined;
  };

  /** The time of a record; `unknown` if its chunk is damaged or missing. */
  const timeOf = (seqNum: number, unknown: number): number => {
    const { trimmedThrough, trimmedAt } = readMetadata(events);
    if (seqNum <= trimmedThrough) return trimmedAt;
    const found = find(seqNum);
    return found?.view.timestamp(found.index) ?? unknown;
  };

  const writeRecords = (records: readonly StoredRecord[]): void => {
    for (const chunk of chunksOf(records)) {
      void events.put((chunk.at(-1) as StoredRecord).seqNum, encodeChunk(chunk));
    }
  };

  const changed = (): void => generation.write(generation.read() + 1);

  return {
    bounds: () => ({ oldest: readMetadata(events).trimmedThrough + 1, latest: latestSeqNum() }),

    chunksAfter(after) {
      const { trimmedThrough, packedThrough } = readMetadata(events);
      const chunks = openedAfter(Math.max(after, trimmedThrough), packedThrough);
      return { oldest: trimmedThrough + 1, latest: lastKey() || trimmedThrough, chunks };
    },

    recordOf(seqNum) {
      if (seqNum <= readMetadata(events).trimmedThrough) return undefined;
      const found = find(seqNum);
      return found && wholeRecord(found.view, found.index, seqNum);
    },

    end() {
      const latest = latestSeqNum();
      // A damaged record does not hold the clock.
      return { latest, timestamp: timeOf(latest, 0), generation: generation.read() };
    },

    begin: (end) => beginBatch(end, writeRecords, generation),

    async writeIfStill(end, batch) {
      let isFree: Promise<boolean> | undefined;
      const isStill = generation.ifIs(end.generation, () => {
        isFree = events.ifNoExists(end.latest + 1, () => batch.write());
      });
      return (await Promise.all([isStill, isFree])).every(Boolean);
    },

    importRecords(after, records) {
      const latest = latestSeqNum();
      if (latest > 0 && after !== latest) return false;
      // What comes before is let go of: it never was here.
      if (after > latest) writeMetadata(events, { ...readMetadata(events), trimmedThrough: after });
      writeRecords(records);
      changed();
      return true;
    },

    seqNumForTimestamp(timestamp) {
      // A damaged record counts as young: what is not known to be old is not let go of.
      let low = readMetadata(events).trimmedThrough + 1;
      let high = latestSeqNum() + 1;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (timeOf(middle, Number.POSITIVE_INFINITY) < timestamp) low = middle + 1;
        else high = middle;
      }
      return low;
    },

    trim(through) {
      const mark = readMetadata(events);
      const upTo = Math.min(through, latestSeqNum());
      if (upTo <= mark.trimmedThrough) return { deleted: 0, oldest: mark.trimmedThrough + 1 };
      writeMetadata(events, { ...mark, trimmedThrough: upTo, trimmedAt: timeOf(upTo, 0) });
      for (const key of [...events.getKeys({ start: METADATA_KEY + 1, end: upTo + 1 })])
        void events.remove(key);
      changed();
      return { deleted: upTo - mark.trimmedThrough, oldest: upTo + 1 };
    },

    compact(maxRecords) {
      const mayGoOn = compactChunks(events, maxRecords);
      if (mayGoOn) changed();
      return mayGoOn;
    },
  };
}
