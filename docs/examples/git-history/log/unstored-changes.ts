import type { StatusedFileChange } from '../git/file-change.ts';
import type { ImportRecord } from './import-record.ts';

/**
 * Leaves out the changes of a range that were stored before its import was cut short.
 *
 * @throws An Error if git no longer prints what was stored: to go on by counting would lose or repeat events.
 */
export async function* unstoredChanges(
  changes: AsyncIterable<StatusedFileChange>,
  { stored, last }: ImportRecord,
): AsyncGenerator<StatusedFileChange, void, undefined> {
  let left = stored;
  for await (const next of changes) {
    if (left === 0) {
      yield next;
    } else if (--left === 0 && !(next.change.commit === last?.commit && next.change.path === last.path)) {
      throw new Error('git prints the history otherwise than when its import began; start over with --fresh');
    }
  }
}
