/**
 * The log of the demo: events, and the tables that are computed from them.
 *
 * In a file, events and tables share one LMDB environment, so that one transaction can change both. A log on JetStream is
 * in `open-stream-log.ts`.
 */
import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { type Event, type EventStore, StoreError, type StoreEventRequest } from 'rx-watcher';
import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { DemoError, messageOf, printable } from './command-line.ts';
import type { FileChange, HistoryRange, Repository } from './git.ts';

/** An event of the log: one file that one commit changed. */
export type FileEvent = Event<FileChange>;

/** Progress of an import, stored with the events that it counts. */
export interface ImportRecord extends HistoryRange {
  /** Number of changes of the range that are stored as events. An interrupted import skips this number of changes. */
  readonly stored: number;
  /** Last stored event. It detects a history, or a stream, that is no longer the same. */
  readonly last?: LastEvent | undefined;
  /** Whether the whole range is stored. */
  readonly done: boolean;
}

export interface LastEvent {
  readonly seqNum: number;
  readonly commit: string;
  readonly path: string;
}

/** Tables next to the events, in one LMDB environment. */
export interface Tables {
  readonly env: RootDatabase;
  /** Record of the import, under one key. */
  readonly imports: Database<ImportRecord, 'import'>;
  /** Position of each view, a table that the demo computes: the number of the last event that is included in its rows. */
  readonly positions: Database<number, string>;
}

export interface DemoLog extends Tables {
  readonly events: EventStore<FileEvent>;
  /** Changes the tables atomically. Resolves when the changes are durable. */
  transaction(work: () => void): Promise<void>;
  /**
   * Stores a batch of events and the import record that counts them. If the process is killed, the two agree when the log
   * is opened again.
   *
   * @returns The new record.
   */
  storeBatch(batch: readonly StoreEventRequest<FileChange>[], before: ImportRecord): Promise<ImportRecord>;
  /** Closes the store, then the environment that the demo has opened. */
  close(): Promise<void>;
}

/** Place of a log: a file, or a stream with a file for its tables. */
export interface LogPlace {
  /** Unique name of the place, for the user. */
  readonly name: string;
  /** File of the tables, if it is not the file of the events. */
  readonly tables?: string;
  /**
   * Opens the log.
   *
   * @param fresh - Deletes an existing log of this demo first.
   * @throws {@link DemoError} if the place holds anything other than a log of this demo, or cannot be opened.
   */
  open(fresh: boolean): Promise<DemoLog>;
}

/** Returns the place of a log in a file. */
export const filePlace = (path: string): LogPlace => ({
  name: path,
  async open(fresh) {
    if (isDemoFile(path) && fresh) deleteFile(path);
    return openFileLog(path);
  },
});

/** Returns the default file of a repository, under the current directory. */
export function defaultFile({ gitDirectory }: Repository): string {
  const name = basename(gitDirectory.replace(/\/\.git$/, '')).replace(/[^\w.-]/g, '_');
  const digest = createHash('sha256').update(gitDirectory).digest('hex');
  return resolve(join('.rx-watcher-demo', `${name.slice(0, 60)}-${digest.slice(0, 8)}.lmdb`));
}

/**
 * Opens a log in a file, and creates the file if it does not exist.
 *
 * Garbage collection is off, so that a view that is added later can be computed from the first event.
 *
 * @throws {@link DemoError} if the file cannot be created or opened.
 */
export function openFileLog(path: string): DemoLog {
  try {
    const tables = openTables(path, 'checkpoints');
    const events = openLmdbStore<FileEvent>({ env: tables.env, gcAgeThreshold: 0 });
    return {
      ...tables,
      events,
      async transaction(work) {
        await events.transaction(work);
        tables.env.resetReadTxn(); // the next read must find these changes
      },
      storeBatch: (batch, before) =>
        events.transaction((storeEvent) => {
          const stored = batch.map((request) => storeEvent(request));
          const after = recordAfter(before, stored);
          void tables.imports.put('import', after);
          return after;
        }),
      async close() {
        await events.close();
        await tables.env.close();
      },
    };
  } catch (cause) {
    throw cannotOpen(path, cause);
  }
}

/** First table of the file. It distinguishes files of this demo from other LMDB files. */
const MARKER = 'git-history';

/**
 * Opens the environment and its tables, and creates them if they do not exist.
 *
 * @param positions - Name of the table of positions. If the environment holds the log, this is its table of checkpoints.
 */
export function openTables(path: string, positions = 'positions'): Tables {
  const env = openLmdbEnv({ path, createDirectories: true });
  return {
    env,
    imports: env.openDB<ImportRecord, 'import'>({ name: MARKER, encoding: 'json' }),
    positions: env.openDB<number, string>({ name: positions, encoding: 'json' }),
  };
}

/** Returns the import record after a batch of stored events. */
export function recordAfter(before: ImportRecord, batch: readonly FileEvent[]): ImportRecord {
  const { seqNum, object } = batch.at(-1) as FileEvent;
  const last = { seqNum, commit: object.commit, path: object.path };
  return { ...before, stored: before.stored + batch.length, last };
}

/**
 * Returns whether a file holds a log of this demo, without writing to it. An LMDB file without a table is accepted, because a
 * run may have been killed immediately after it had created the file.
 *
 * @returns `false` if the file does not exist, or is empty.
 * @throws {@link DemoError} if the file is anything else.
 */
export function isDemoFile(path: string): boolean {
  const refusal = (problem: string, cause?: unknown) =>
    new DemoError(`${problem}; it was not changed; name another store with --store`, { cause });
  const cannotUse = `cannot use '${printable(path)}' as a store`;
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || (stats.isFile() && stats.size === 0)) return false;
    if (!stats.isFile()) throw refusal(`${cannotUse}: it is not a file`);
    const names = tableNames(path);
    if (names.length === 0 || names.includes(MARKER)) return true;
    throw refusal(`${cannotUse}: it was not created by this demo`);
  } catch (cause) {
    if (cause instanceof DemoError) throw cause;
    const message = messageOf(cause);
    throw refusal(cause instanceof StoreError ? message : `${cannotUse}: ${message}`, cause);
  }
}

function tableNames(path: string): string[] {
  const env = openLmdbEnv({ path, keyEncoding: 'binary' });
  try {
    return [...env.getKeys()].map((name) => String(name).replace(/\0$/, ''));
  } finally {
    void env.close();
  }
}

/**
 * Deletes a file of this demo and its lock file.
 *
 * @throws {@link DemoError} if the file system does not permit it.
 */
export function deleteFile(path: string): void {
  try {
    rmSync(path);
    rmSync(`${path}-lock`, { force: true });
  } catch (cause) {
    const problem = `cannot delete '${printable(path)}': ${messageOf(cause)}`;
    throw new DemoError(`${problem}; name another store with --store`, { cause });
  }
}

/** Returns a `DemoError` that names the store and the cause. Returns `cause` itself if it is already a `DemoError`. */
export function cannotOpen(name: string, cause: unknown): DemoError {
  if (cause instanceof DemoError) return cause;
  const [shown, message] = [printable(name), messageOf(cause)];
  const problem = message.includes(shown) ? message : `cannot open '${shown}': ${message}`;
  return new DemoError(`${problem}; name another store with --store`, { cause });
}
