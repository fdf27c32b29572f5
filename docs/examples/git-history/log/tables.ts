import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { ImportRecord } from './import-record.ts';

/** The sub-database by which a file of this demo is told from other LMDB files: the first thing made in it. */
export const MARKER = 'git-history';

/** All that is kept beside the events, in one LMDB environment: it is there that several things change together. */
export interface Tables {
  readonly env: RootDatabase;
  /** How far the history is imported, under one key. */
  readonly imports: Database<ImportRecord, 'import'>;
  /** For each view the number of the last event that its rows count. */
  readonly positions: Database<number, string>;
}

/**
 * Opens the environment, and makes it if it is not there.
 *
 * `overlappingSync: false` is what an event store in it asks for, so that an event is seen only once it is durable;
 * `eventTurnBatching: false` keeps a commit that fails (a full disk) from ending the process.
 */
export function openTables(path: string): Tables {
  mkdirSync(dirname(path), { recursive: true });
  const env = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false });
  return {
    env,
    imports: env.openDB<ImportRecord, 'import'>({ name: MARKER, encoding: 'json' }),
    positions: env.openDB<number, string>({ name: 'positions', encoding: 'json' }),
  };
}
