import { DeserializationError } from '../../../errors.ts';
import type { EventFilter } from '../../../event/event-filter.ts';
import { matches } from '../../../event/event-filter.ts';
import type { ReadRequest } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import type { OpenedChunk } from './chunk-cache.ts';
import type { ChunkView } from './chunk-view.ts';

/** What a scan has gathered. */
export interface Scan {
  /** The records that the filter let through. */
  readonly records: StoredRecord[];
  /** The last number examined. */
  lastScannedSeqNum: number;
}

const MISSING = 'it is missing in the data file; restore the file from a backup';

const damaged = (seqNum: number, message: string) =>
  new DeserializationError([{ path: '', message }], { seqNum });

/** Whether the filter can let anything of these types through: if not, the chunk need not be looked at. */
const mayMatch = (types: readonly string[], { objectTypes }: EventFilter): boolean =>
  objectTypes === undefined || objectTypes.length === 0 || types.some((type) => objectTypes.includes(type));

/**
 * Examines chunks in order, from the record after `request.after` on, until a bound is reached.
 *
 * @param chunks - Those that may hold such records, from the first on; asked for one at a time.
 * @throws DeserializationError if the first record to examine is damaged or missing; a later one ends the scan before it.
 */
export function scanChunks(chunks: Iterable<OpenedChunk>, request: ReadRequest): Scan {
  const { filter, maxScanned, limit, maxBytes } = request;
  const scan: Scan = { records: [], lastScannedSeqNum: request.after };
  let bytes = 0;

  const isFull = () =>
    scan.lastScannedSeqNum - request.after >= maxScanned || scan.records.length >= limit || bytes >= maxBytes;

  /** Ends the scan; or fails, if it has not come further than where it began. */
  const stopBefore = (seqNum: number, message: string): void => {
    if (scan.lastScannedSeqNum === request.after) throw damaged(seqNum, message);
  };

  const scanChunk = (chunk: OpenedChunk, view: ChunkView, first: number): boolean => {
    const last = first + view.count - 1;
    if (filter !== undefined && !mayMatch(view.types, filter)) {
      scan.lastScannedSeqNum = Math.min(last, request.after + maxScanned);
      return scan.lastScannedSeqNum === last;
    }
    for (let index = scan.lastScannedSeqNum + 1 - first; index < view.count; index++) {
      if (isFull()) return false;
      if (filter === undefined || matches(filter, view.operation(index), view.objectType(index))) {
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
      stopBefore(next, typeof view === 'string' ? view : MISSING);
      break;
    }
    if (!scanChunk(chunk, view, first)) break;
  }
  return scan;
}
