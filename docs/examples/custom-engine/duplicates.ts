import { DuplicateIdError, type NewRecord } from 'rx-watcher';
import type { Line } from './line.ts';

const IDENTITY = ['operation', 'objectType', 'key'] as const;

/**
 * Returns the stored line for each new record with an id that the log already holds, by the index of the record in `records`.
 *
 * @throws {@link DuplicateIdError} if the record and the line differ in operation, object type or key.
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
