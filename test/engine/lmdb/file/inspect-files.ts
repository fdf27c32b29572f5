import { copyFileSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { type Database, open, type RootDatabase } from 'lmdb';
import { inspectLmdbFile } from 'rx-watcher/lmdb';
import { StoreError } from '../../../../src/errors.ts';
import { runProcess } from '../../../support/program.ts';

/** Tables with each kind of leaf page. The last two tables have several values per key. */
export const TABLES = [
  { name: 'small' },
  { name: 'large' },
  { name: 'dups', dupSort: true },
  { name: 'fixed', dupSort: true, dupFixed: true },
] as const;

const VALUE_BYTES = { small: 900, large: 40_000, dups: 60, fixed: 8 };

/** Change of one table in a commit. */
interface Change {
  readonly table: number;
  readonly remove: boolean;
  readonly key: number;
  readonly count: number;
  readonly size: number;
}

/** Changes by commit. */
export type Workload = readonly (readonly Change[])[];

const change: fc.Arbitrary<Change> = fc.record({
  table: fc.nat(TABLES.length - 1),
  remove: fc.boolean(),
  key: fc.nat(300),
  count: fc.integer({ min: 1, max: 60 }),
  size: fc.nat(),
});

/** Arbitrary workloads, large enough for trees of several levels and for free pages in the file and at its end. */
export const workload: fc.Arbitrary<Workload> = fc.array(fc.array(change, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 25,
});

function apply(table: Database<Buffer, number>, name: keyof typeof VALUE_BYTES, change: Change): void {
  const { remove, key, count, size } = change;
  for (let n = 0; n < count; n++) {
    const severalValues = name === 'dups' || name === 'fixed';
    const at = severalValues ? key % 5 : key + n;
    const value = Buffer.alloc(name === 'fixed' ? 8 : 8 + ((size + n * 37) % VALUE_BYTES[name]));
    value.writeUInt32LE(key * 64 + n);
    if (remove) table.removeSync(at);
    else table.putSync(at, value);
  }
}

/** Opens an environment with the options of a store, and with an optional page size or encryption. */
const openWith = (path: string, options: { pageSize?: number; encryptionKey?: string } = {}) =>
  open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false, ...options });

/**
 * Applies a workload to a new or existing file, and closes the file.
 *
 * @param onCommit - Called after each commit, while the file is open.
 */
export async function applyWorkload(path: string, commits: Workload, pageSize = 4096, onCommit = () => {}) {
  const env: RootDatabase = openWith(path, { pageSize });
  const tables = TABLES.map((options) => env.openDB<Buffer, number>({ encoding: 'binary', ...options }));
  for (const changes of commits) {
    env.transactionSync(() => {
      for (const each of changes) {
        const { name } = TABLES[each.table] as (typeof TABLES)[number];
        apply(tables[each.table] as Database<Buffer, number>, name, each);
      }
    });
    onCommit();
  }
  await env.close();
}

/** Copies a file and truncates the copy to a number of bytes. */
export function truncatedCopy(path: string, bytes: number): string {
  const copy = `${path}-${bytes}`;
  copyFileSync(path, copy);
  truncateSync(copy, bytes);
  return copy;
}

/** Inspects a file. Returns the message of the `StoreError`, or `undefined` if the file is valid. */
export function faultOf(path: string): string | undefined {
  try {
    inspectLmdbFile(path);
    return undefined;
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}

const CHILD = new URL('../../../crash/inspect-child.mjs', import.meta.url);

/**
 * Opens a file with LMDB in another process, without an inspection. Returns the output of the process, or `undefined` if LMDB
 * crashed.
 */
export async function inProcess(
  action: 'read' | 'write',
  path: string,
  milliseconds = 0,
): Promise<string | undefined> {
  const { exit, stdout } = await runProcess(CHILD, [action, path, JSON.stringify(TABLES), milliseconds]);
  return exit === 0 ? stdout : undefined;
}
