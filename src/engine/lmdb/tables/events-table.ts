import type { Database } from 'lmdb';
import { DeserializationError } from '../../../errors.ts';
import type { LogBounds, TrimResult } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { type AppendBatch, createAppendBatch, type LogEndPosition } from '../append/append-batch.ts';
import type { OpenedChunk } from '../chunks/chunk-cache.ts';
import { createChunkCache } from '../chunks/chunk-cache.ts';
import { ChunkRecord, type ChunkView, viewChunk, wholeRecord } from '../chunks/chunk-view.ts';
import { compactChunks } from '../chunks/compact-chunks.ts';
import { chunksOf, encodeChunk } from '../chunks/encode-chunk.ts';
import type { IdIndex } from './id-index.ts';
import { METADATA_KEY, readMetadata, writeMetadata } from './log-metadata.ts';
import type { TableVersion } from './table-version.ts';

/**
 * Table of the chunks of a log. Methods that read use the current transaction of lmdb-js. Methods that write must be called
 * inside a write transaction, except `writeIfEndIs`.
 */
export interface EventsTable {
  /** Returns the log bounds in the current transaction. */
  bounds(): LogBounds;
  /** Returns the log bounds, and the chunks with records after a sequence number, in order. */
  chunksAfter(after: number): LogBounds & { readonly chunks: Iterable<OpenedChunk> };
  /** Returns a record; `undefined` if it is trimmed, damaged or missing. */
  recordOf(seqNum: number): StoredRecord | undefined;
  /** Returns the end of the log, which the next append continues. */
  end(): LogEndPosition;
  /** Creates an empty batch that continues the log after `end`. */
  createBatch(end: LogEndPosition): AppendBatch;
  /** Commits a batch if the log still ends at `end`. Returns whether it was committed. */
  writeIfEndIs(end: LogEndPosition, batch: AppendBatch): Promise<boolean>;
  /**
   * Writes records of another log with their sequence numbers and timestamps.
   *
   * @param after - Sequence number before the first record. It must be the latest sequence number of this log, unless this
   *   log is new.
   * @returns Whether the records were written; `false` if they do not continue this log.
   */
  importRecords(after: number, records: readonly StoredRecord[]): boolean;
  /** Returns the first sequence number with this timestamp or a later one; `latest + 1` if there is none. */
  seqNumForTimestamp(timestamp: number): number;
  /** Deletes the records up to and including a sequence number. */
  trim(maxSeqNum: number): TrimResult;
  /**
   * Scans about `maxRecords` records and merges their small chunks. Returns whether another call can find more chunks to
   * merge.
   */
  compact(maxRecords: number): boolean;
}

/**
 * Creates the table of events on a sub-database.
 *
 * @param ids - Index of the ids of the events. It changes only in transactions that change the table.
 * @param tableVersion - Version of the table. Each change increments it, except an append of a single record, which thus writes
 *   only its chunk and the row of its id. The log still ends at a position if the version is unchanged and the next key does
 *   not exist. An append of a single record creates this key, and every other change increments the version.
 */
export function createEventsTable(
  events: Database<Buffer, number>,
  ids: IdIndex,
  tableVersion: TableVersion,
): EventsTable {
  const cachedChunksAfter = createChunkCache(events);
  const lastKey = (): number => {
    for (const key of events.getKeys({ reverse: true, limit: 1 })) return key;
    return METADATA_KEY;
  };

  const latestSeqNum = (): number => lastKey() || readMetadata(events).trimPosition;

  /** Returns the chunk of a record and the index in it; `undefined` if the chunk is damaged or missing. */
  const findRecord = (seqNum: number) => {
    for (const { key, value } of events.getRange({ start: seqNum, limit: 1 })) {
      const view = viewChunk(value, key);
      const index = typeof view === 'string' ? -1 : view.count - 1 - (key - seqNum);
      return index < 0 ? undefined : { view: view as ChunkView, index };
    }
    return undefined;
  };

  /** Returns the timestamp of a record; `fallback` if its chunk is damaged or missing. */
  const timestampOf = (seqNum: number, fallback: number): number => {
    const { trimPosition, trimTimestamp } = readMetadata(events);
    if (seqNum <= trimPosition) return trimTimestamp;
    const found = findRecord(seqNum);
    return found?.view.timestamp(found.index) ?? fallback;
  };

  const writeRecords = (records: readonly StoredRecord[]): void => {
    for (const chunk of chunksOf(records)) {
      void events.put((chunk.at(-1) as StoredRecord).seqNum, encodeChunk(chunk));
    }
    for (const { id, seqNum } of records) if (id !== undefined) ids.put(id, seqNum);
  };

  const recordWithId = (id: string): StoredRecord | undefined => {
    const seqNum = ids.seqNumOf(id);
    // Ignore the row of a trimmed event: a trim cannot delete the rows of a damaged chunk.
    if (seqNum === undefined || seqNum <= readMetadata(events).trimPosition) return undefined;
    const found = findRecord(seqNum);
    if (found !== undefined) return new ChunkRecord(found.view, found.index, seqNum);
    const message = `the event with the id '${id}' is damaged or missing; restore the file from a backup`;
    throw new DeserializationError([{ path: '', message }], { seqNum });
  };

  /** Deletes the rows with the ids of the records after `from`, up to `to`. Reads no record if the log has no ids. */
  const removeIds = (from: number, to: number): void => {
    if (ids.isEmpty()) return;
    for (const { key, value } of events.getRange({ start: from + 1 })) {
      const view = viewChunk(value, key);
      if (typeof view !== 'string' && view.contexts?.hasIds) {
        const first = key - view.count + 1;
        for (let seqNum = Math.max(from + 1, first); seqNum <= Math.min(key, to); seqNum++) {
          const id = view.contexts.id(seqNum - first);
          if (id !== undefined) ids.remove(id, seqNum);
        }
      }
      if (key >= to) return;
    }
  };

  const incrementVersion = (): void => tableVersion.write(tableVersion.read() + 1);

  return {
    bounds: () => ({ oldest: readMetadata(events).trimPosition + 1, latest: latestSeqNum() }),

    chunksAfter(after) {
      const { trimPosition, compactionPosition } = readMetadata(events);
      const chunks = cachedChunksAfter(Math.max(after, trimPosition), compactionPosition);
      return { oldest: trimPosition + 1, latest: lastKey() || trimPosition, chunks };
    },

    recordOf(seqNum) {
      if (seqNum <= readMetadata(events).trimPosition) return undefined;
      const found = findRecord(seqNum);
      return found && wholeRecord(found.view, found.index, seqNum);
    },

    end() {
      const latest = latestSeqNum();
      // If the last record is damaged, its timestamp is unknown, and the next append uses the clock alone.
      return { latest, timestamp: timestampOf(latest, 0), version: tableVersion.read() };
    },

    createBatch: (end) => createAppendBatch(end, { writeRecords, recordWithId, version: tableVersion }),

    async writeIfEndIs(end, batch) {
      let isNextKeyFree: Promise<boolean> | undefined;
      const isVersionUnchanged = tableVersion.ifIs(end.version, () => {
        isNextKeyFree = events.ifNoExists(end.latest + 1, () => batch.write());
      });
      return (await Promise.all([isVersionUnchanged, isNextKeyFree])).every(Boolean);
    },

    importRecords(after, records) {
      const latest = latestSeqNum();
      if (latest > 0 && after !== latest) return false;
      // A new log that starts after number 1 counts as trimmed up to `after`.
      if (after > latest) writeMetadata(events, { ...readMetadata(events), trimPosition: after });
      writeRecords(records);
      incrementVersion();
      return true;
    },

    seqNumForTimestamp(timestamp) {
      // A damaged record counts as new, so that garbage collection by age does not delete it.
      let low = readMetadata(events).trimPosition + 1;
      let high = latestSeqNum() + 1;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (timestampOf(middle, Number.POSITIVE_INFINITY) < timestamp) low = middle + 1;
        else high = middle;
      }
      return low;
    },

    trim(maxSeqNum) {
      const metadata = readMetadata(events);
      const trimPosition = Math.min(maxSeqNum, latestSeqNum());
      if (trimPosition <= metadata.trimPosition) return { deleted: 0, oldest: metadata.trimPosition + 1 };
      writeMetadata(events, { ...metadata, trimPosition, trimTimestamp: timestampOf(trimPosition, 0) });
      removeIds(metadata.trimPosition, trimPosition);
      for (const key of [...events.getKeys({ start: METADATA_KEY + 1, end: trimPosition + 1 })])
        void events.remove(key);
      incrementVersion();
      return { deleted: trimPosition - metadata.trimPosition, oldest: trimPosition + 1 };
    },

    compact(maxRecords) {
      const hasAdvanced = compactChunks(events, maxRecords);
      if (hasAdvanced) incrementVersion();
      return hasAdvanced;
    },
  };
}
