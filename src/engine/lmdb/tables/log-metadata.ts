import type { Database } from 'lmdb';

/** The mark stands before the first chunk, under the number that no event has. */
export const METADATA_KEY = 0;

/** What a log knows of itself beside its chunks: on disk three doubles, little-endian, in this order. */
export interface LogMetadata {
  /** Up to where the log was trimmed; an emptied log goes on from there. */
  readonly trimmedThrough: number;
  /** The time of that record, in milliseconds since 1970. */
  readonly trimmedAt: number;
  /** Up to where small chunks were put together. */
  readonly packedThrough: number;
}

/** Reads the mark; that of a log which has none yet is all zeros. */
export function readMetadata(events: Database<Buffer, number>): LogMetadata {
  const value = events.get(METADATA_KEY);
  if (value === undefined) return { trimmedThrough: 0, trimmedAt: 0, packedThrough: 0 };
  return {
    trimmedThrough: value.readDoubleLE(0),
    trimmedAt: value.readDoubleLE(8),
    packedThrough: value.readDoubleLE(16),
  };
}

/** Writes the mark, inside a write transaction. */
export function writeMetadata(events: Database<Buffer, number>, mark: LogMetadata): void {
  const value = Buffer.alloc(24);
  value.writeDoubleLE(mark.trimmedThrough, 0);
  value.writeDoubleLE(mark.trimmedAt, 8);
  value.writeDoubleLE(mark.packedThrough, 16);
  void events.put(METADATA_KEY, value);
}
