import type { Database } from 'lmdb';

/** Key of the metadata in the events table. It precedes all chunks, because sequence numbers start at 1. */
export const METADATA_KEY = 0;

/** Metadata of a log, stored as three doubles, little-endian, in this order. */
export interface LogMetadata {
  /** Sequence number up to which the log is trimmed. A log without records continues after this number. */
  readonly trimPosition: number;
  /** Timestamp of the record `trimPosition`, in milliseconds since 1970. */
  readonly trimTimestamp: number;
  /** Sequence number up to which small chunks are merged. */
  readonly compactionPosition: number;
}

/** Reads the metadata. All values are 0 if no metadata was written. */
export function readMetadata(events: Database<Buffer, number>): LogMetadata {
  const value = events.get(METADATA_KEY);
  if (value === undefined) return { trimPosition: 0, trimTimestamp: 0, compactionPosition: 0 };
  return {
    trimPosition: value.readDoubleLE(0),
    trimTimestamp: value.readDoubleLE(8),
    compactionPosition: value.readDoubleLE(16),
  };
}

/** Writes the metadata. Must be called inside a write transaction. */
export function writeMetadata(events: Database<Buffer, number>, metadata: LogMetadata): void {
  const value = Buffer.alloc(24);
  value.writeDoubleLE(metadata.trimPosition, 0);
  value.writeDoubleLE(metadata.trimTimestamp, 8);
  value.writeDoubleLE(metadata.compactionPosition, 16);
  void events.put(METADATA_KEY, value);
}
