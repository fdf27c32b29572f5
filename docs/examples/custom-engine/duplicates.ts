import { DuplicateIdError, type NewRecord } from 'rx-watcher';
import type { Line } from './line.ts';

const IDENTITY = ['operation', 'objectType', 'key'] as const;

/**
 * Returns the lines that have the ids of new records, by the index of the record. Throws a `DuplicateIdError` if the line of
 * an id is another event.
 */
export function findDuplicates(
  records: readonly NewRecord[],
  lines: readonly Line[],
): ReadonlyMap<number, Line> {
  const duplicates = new Map<number, Line>();
  for (const [index, record] of records.entries()) {
    const line = record.id === undefined ? undefined : lines.find(({ id }) => id === record.id);
    if (line === undefined) continue;
    const differences = IDENTITY.filter((name) => line[name] !== record[name]);
    if (differences.length > 0) throw new DuplicateIdError(line.id as string, line.seqNum, differences);
    duplicates.set(index, line);
  }
  return duplicates;
}
