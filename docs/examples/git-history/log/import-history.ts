import type { HistoryRange } from '../git/read-history.ts';
import { type ImportContext, importRange } from './import-range.ts';

/**
 * Brings the log up to the repository: finishes the range that an earlier run began, then imports what is newer.
 *
 * The two are kept apart because an import goes on by counting, for which its range must stay what it was, however far
 * HEAD has moved meanwhile.
 *
 * @param newer - What has come since, as it was planned; nothing, if it is undefined.
 */
export async function importHistory(context: ImportContext, newer: HistoryRange | undefined): Promise<void> {
  const { log, progress, signal } = context;
  const begin = performance.now();
  const unfinished = log.imports.get('import');
  if (unfinished?.done === false) await importRange(context, unfinished);
  if (newer !== undefined && !signal.aborted) {
    const begun = { ...newer, stored: 0, done: false };
    await log.transaction(() => void log.imports.put('import', begun));
    await importRange(context, begun);
  }
  progress.duration = performance.now() - begin;
}
