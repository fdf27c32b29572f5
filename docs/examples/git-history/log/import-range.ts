import type { StatusedFileChange } from '../git/file-change.ts';
import { countCommits, readHistory } from '../git/read-history.ts';
import { batches } from './batches.ts';
import type { DemoLog } from './demo-log.ts';
import { fileEvent } from './file-event.ts';
import type { ImportProgress } from './import-progress.ts';
import type { ImportRecord } from './import-record.ts';
import type { Pace } from './pace.ts';
import { unstoredChanges } from './unstored-changes.ts';

export interface ImportContext {
  /** Where git is started. */
  readonly directory: string;
  readonly log: DemoLog;
  readonly progress: ImportProgress;
  readonly pace: Pace;
  /** Aborting it ends the import after the batch at hand. */
  readonly signal: AbortSignal;
}

/** Stores what is not yet stored of a range of history, batch by batch, and notes in the record that it is done. */
export async function importRange(context: ImportContext, begun: ImportRecord): Promise<void> {
  const { directory, log, progress, pace, signal } = context;
  progress.totalCommits += await countCommits(directory, begun);
  const changes = progress.counting(readHistory(directory, begun, signal));
  let record = begun;
  for await (const batch of batches(unstoredChanges(changes, begun), pace.batchSize)) {
    record = await storeBatch(log, record, batch);
    progress.stored += batch.length;
    await pace.rest(batch.length, signal);
    if (signal.aborted) return;
  }
  if (!signal.aborted) await log.transaction(() => void log.imports.put('import', { ...record, done: true }));
}

async function storeBatch(
  log: DemoLog,
  before: ImportRecord,
  batch: readonly StatusedFileChange[],
): Promise<ImportRecord> {
  const { commit, path } = (batch.at(-1) as StatusedFileChange).change;
  const after = { ...before, stored: before.stored + batch.length, last: { commit, path } };
  await log.storeBatch(batch.map(fileEvent), before, after);
  return after;
}
