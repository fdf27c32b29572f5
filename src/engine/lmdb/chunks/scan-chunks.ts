import { DeserializationError } from '../../../errors.ts';
import type { ReadRequest } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import type { OpenedChunk } from './chunk-cache.ts';
import { createChunkMatcher } from './chunk-matcher.ts';
import type { ChunkView } from './chunk-view.ts';

export interface Scan {
  /** Matching records, in order. */
  readonly records: StoredRecord[];
  /** Sequence number of the last scanned record; `after` of the request if no record was scanned. */
  lastScannedSeqNum: number;
}

const MISSING = 'the event is missing in the data file; restore the file from a backup';

const damaged = (seqNum: number, message: string) =>
  new DeserializationError([{ path: '', message }], { seqNum });

/**
 * Scans chunks in order, from the record after `request.after` on, until a limit of the request is reached. The scan ends
 * before a damaged or missing record.
 *
 * @param chunks - Chunks with records after `request.after`, in order. Each chunk is read only when the scan reaches it.
 * @throws {@link DeserializationError} if the first record to scan is damaged or missing.
 */
export function scanChunks(chunks: Iterable<OpenedChunk>, request: ReadRequest): Scan {
  const { filter, maxScanned, limit, maxBytes } = request;
  const matcher = filter === undefined ? undefined : createChunkMatcher(filter);
  const scan: Scan = { records: [], lastScannedSeqNum: request.after };
  let bytes = 0;

  const isFull = () =>
    scan.lastScannedSeqNum - request.after >= maxScanned || scan.records.length >= limit || bytes >= maxBytes;

  const assertProgress = (seqNum: number, message: string): void => {
    if (scan.lastScannedSeqNum === request.after) throw damaged(seqNum, message);
  };

  const scanChunk = (chunk: OpenedChunk, view: ChunkView, first: number): boolean => {
    const last = first + view.count - 1;
    if (matcher?.canMatch(view) === false) {
      scan.lastScannedSeqNum = Math.min(last, request.after + maxScanned);
      return scan.lastScannedSeqNum === last;
    }
    for (let index = scan.lastScannedSeqNum + 1 - first; index < view.count; index++) {
      if (isFull()) return false;
      if (matcher === undefined || matcher.matches(view, index)) {
        const record = chunk.record(view, index, first + index);
        scan.records.push(record);
        bytes += record.bytes;
      }
      scan.lastScannedSeqNum = first + index;
    }
    return true;
  };

  for (const chunk of chunks) {
    const { key, view } = chunk;
    if (isFull()) break;
    const next = scan.lastScannedSeqNum + 1;
    const first = typeof view === 'string' ? next : key - view.count + 1;
    if (typeof view === 'string' || first > next) {
      assertProgress(next, typeof view === 'string' ? view : MISSING);
      break;
    }
    if (!scanChunk(chunk, view, first)) break;
  }
  return scan;
}
