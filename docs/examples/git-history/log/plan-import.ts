import { DemoError } from '../demo-error.ts';
import { ancestryOf } from '../git/ancestry.ts';
import type { HistoryRange } from '../git/read-history.ts';
import type { Repository } from '../git/repository.ts';
import { printable } from '../printable.ts';
import type { ImportRecord } from './import-record.ts';

/**
 * Decides what has come into the repository since the import that the store remembers.
 *
 * @returns `undefined` if nothing has; that import itself may yet have to be finished.
 * @throws {@link DemoError} if the store's history is not, or no longer, this repository's: a log takes nothing back.
 */
export async function planImport(
  record: ImportRecord | undefined,
  repository: Repository,
): Promise<HistoryRange | undefined> {
  if (record === undefined) return { tip: repository.head };
  const refusal = (what: string) =>
    new DemoError(`${what}; name another with --store, or start over with --fresh`);
  const shown = printable(repository.directory);
  const commit = record.tip.slice(0, 10);
  switch (await ancestryOf(record.tip, repository)) {
    case 'head':
    case 'after-head':
      return undefined;
    case 'before-head':
      return { base: record.tip, tip: repository.head };
    case 'diverged':
      throw refusal(`the store follows ${commit}, from which HEAD of ${shown} has diverged`);
    case 'unknown':
      throw refusal(`the store is of another repository than ${shown}, which has no commit ${commit}`);
  }
}
