/**
 * Stores the history of a repository as events, each exactly once.
 *
 * The import record is stored together with the events that it counts. After a kill, the import reads the same range
 * again and skips as many changes as the record has counted.
 */
import { extname } from 'node:path';
import { Operation, type StoreEventRequest } from 'rx-watcher';
import { firstValueFrom, fromEvent, race, timer } from 'rxjs';
import { DemoError, printable } from './command-line.ts';
import {
  type ChangeStatus,
  countCommits,
  type FileChange,
  type HistoryRange,
  hasCommit,
  isAncestor,
  type Repository,
  readHistory,
  type StatusedFileChange,
} from './git.ts';
import type { DemoLog, ImportRecord } from './open-log.ts';

/** Progress of the import in this run. The import updates it. */
export class ImportProgress {
  /** Number of commits to read. */
  totalCommits = 0;
  /** Number of commits that were read, including commits that an earlier run has stored. */
  commits = 0;
  /** Number of events that this run has stored. */
  stored = 0;
  /** Duration of the import in milliseconds, after its end. */
  duration: number | undefined;
}

export interface Import {
  /** Directory in which git is started. */
  readonly directory: string;
  readonly log: DemoLog;
  /** Commits that no earlier run has imported; `undefined` if there are none. */
  readonly newer: HistoryRange | undefined;
  /** Maximum number of events to store per second. */
  readonly rate: number;
  readonly progress: ImportProgress;
  /** Ends the import after the current batch. */
  readonly signal: AbortSignal;
}

/**
 * Returns the commits that are newer than the last import.
 *
 * @param record - Record of the last import, which can be incomplete.
 * @throws {@link DemoError} if HEAD does not continue the imported history, because stored events cannot be removed.
 */
export async function planImport(
  record: ImportRecord | undefined,
  repository: Repository,
): Promise<HistoryRange | undefined> {
  const { head } = repository;
  if (record === undefined) return { tip: head };
  const { tip } = record;
  const directory = printable(repository.directory);
  const refusal = (reason: string) =>
    new DemoError(
      `cannot continue the store: ${reason}; name another store with --store, or start over with --fresh`,
    );
  if (!(await hasCommit(repository, tip))) {
    throw refusal(`it holds another repository than '${directory}', which has no commit ${tip.slice(0, 10)}`);
  }
  if (await isAncestor(repository, head, tip)) return undefined;
  if (await isAncestor(repository, tip, head)) return { base: tip, tip: head };
  throw refusal(`HEAD of '${directory}' has diverged from its last commit, ${tip.slice(0, 10)}`);
}

/**
 * Completes the import of an earlier run, then imports the newer commits. The two ranges stay separate: an interrupted import
 * skips the number of changes that it has stored, so its range must not change when HEAD moves.
 */
export async function importHistory(options: Import): Promise<void> {
  const { log, newer, progress, signal } = options;
  const begin = performance.now();
  const unfinished = log.imports.get('import');
  if (unfinished?.done === false) await importRange(options, unfinished);
  if (newer !== undefined && !signal.aborted) {
    const record = { ...newer, stored: 0, last: log.imports.get('import')?.last, done: false };
    await log.transaction(() => void log.imports.put('import', record));
    await importRange(options, record);
  }
  progress.duration = performance.now() - begin;
}

async function importRange(options: Import, begun: ImportRecord): Promise<void> {
  const { directory, log, rate, progress, signal } = options;
  progress.totalCommits += await countCommits(directory, begun);
  const batchSize = Math.min(500, Math.ceil(rate / 20));
  let record = begun;
  for await (const batch of batches(newChanges(options, begun), batchSize)) {
    record = await log.storeBatch(batch.map(toRequest), record);
    progress.stored += batch.length;
    await pause((batch.length / rate) * 1000, signal);
    if (signal.aborted) return;
  }
  if (signal.aborted) return;
  await log.transaction(() => void log.imports.put('import', { ...record, done: true }));
}

/**
 * Skips the changes that the record counts as stored.
 *
 * Throws an error if git prints other changes than when the record was stored. Skipping by number would then lose or repeat
 * events.
 */
async function* newChanges(
  { directory, signal, progress }: Import,
  begun: ImportRecord,
): AsyncGenerator<StatusedFileChange, void, undefined> {
  const { stored, last } = begun;
  const changed = () => new Error('the history has changed since its import began; start over with --fresh');
  let count = 0;
  let commit: string | undefined;
  for await (const next of readHistory(directory, begun, signal)) {
    const { change } = next;
    if (change.commit !== commit) progress.commits++; // the changes of one commit are consecutive
    commit = change.commit;
    if (++count > stored) yield next;
    else if (count === stored && !(change.commit === last?.commit && change.path === last.path))
      throw changed();
  }
  if (count < stored && !signal.aborted) throw changed();
}

/** Groups the values of a stream into arrays. The last array can be shorter; no array is empty. */
async function* batches<T>(values: AsyncIterable<T>, size: number): AsyncGenerator<T[], void, undefined> {
  let batch: T[] = [];
  for await (const value of values) {
    batch.push(value);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Waits for a time in milliseconds, or until the signal is aborted. */
async function pause(duration: number, signal: AbortSignal): Promise<void> {
  if (duration > 0 && !signal.aborted)
    await firstValueFrom(race(timer(duration), fromEvent(signal, 'abort')));
}

const OPERATIONS: Record<ChangeStatus, Operation> = {
  A: Operation.Create,
  M: Operation.Update,
  R: Operation.Update,
  T: Operation.Update,
  D: Operation.Delete,
};

/** Converts a change to the event to store. The object type is the kind of file, such as `ts`. */
function toRequest({ status, change }: StatusedFileChange): StoreEventRequest<FileChange> {
  const extension = extname(change.path).slice(1).toLowerCase();
  const objectType = /^[a-z0-9]{1,12}$/.test(extension) ? extension : 'other';
  const object = { ...change, author: brief(change.author), subject: brief(change.subject) };
  return { operation: OPERATIONS[status], objectType, object };
}

/** Limits the length of a text without splitting a character: events should be small. */
function brief(text: string): string {
  return text.length <= 500 ? text : text.slice(0, 500).replace(/[\ud800-\udbff]$/, '');
}
