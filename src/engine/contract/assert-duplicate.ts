import { DuplicateIdError } from '../../errors.ts';
import type { NewRecord } from './record.ts';

const IDENTITY = ['operation', 'objectType', 'key'] as const;

/**
 * Asserts that two records with the same id are the same event: they have the same operation, object type and key.
 *
 * @param held - Record that the log or the batch already holds under this id.
 * @param seqNum - Sequence number of the held record; `undefined` if both records belong to one batch.
 * @throws {@link DuplicateIdError} if a field differs. The error names the fields.
 */
export function assertDuplicate(held: NewRecord, record: NewRecord, seqNum: number | undefined): void {
  const differences = IDENTITY.filter((name) => held[name] !== record[name]);
  if (differences.length > 0) throw new DuplicateIdError(record.id as string, seqNum, differences);
}
