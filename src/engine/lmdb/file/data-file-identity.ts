import { type BigIntStats, statSync } from 'node:fs';
import { StoreError } from '../../../errors.ts';
import { lmdbFileState } from './inspect-lmdb-file.ts';

/** Detector of a data file or lock file that was removed, replaced or truncated while LMDB has it open. */
export interface DataFileIdentity {
  /**
   * Returns an error if a file was removed, replaced or truncated since it was opened. LMDB would crash on a truncated file,
   * and would acknowledge writes to a file that no longer has a name.
   *
   * The check costs one `stat` per file. After a change was found, every later call returns the same error. If a file cannot
   * be checked, the call returns an error, and the next call checks the file again.
   */
  check(): StoreError | undefined;
}

/** Path of a file, with the name and the advice that an error message gives about it. */
interface FileNames {
  readonly path: string;
  readonly name: 'data file' | 'lock file';
  readonly advice: string;
}

/** State of a file at the last check. */
interface FileSnapshot extends FileNames {
  readonly dev: bigint;
  readonly ino: bigint;
  size: bigint;
}

/** Returns `undefined` if the file does not exist. */
function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (cause) {
    throw new StoreError(`cannot check '${path}': ${(cause as Error).message}`, { cause });
  }
}

/**
 * Returns whether a file that has become shorter is unusable for LMDB. A shorter file can still be whole, because an
 * application with `useWritemap` may cut off unused pages.
 */
function isDamaged({ path, name }: FileSnapshot): boolean {
  try {
    return name === 'lock file' || lmdbFileState(path) !== 'whole';
  } catch {
    return true;
  }
}

function changeOf(snapshot: FileSnapshot, stats: BigIntStats | undefined): string | undefined {
  if (stats === undefined) return 'removed';
  if (stats.dev !== snapshot.dev || stats.ino !== snapshot.ino) return 'replaced';
  return stats.size < snapshot.size && isDamaged(snapshot) ? 'truncated' : undefined;
}

const changeError = ({ path, name, advice }: FileNames, change: string): StoreError =>
  new StoreError(`the ${name} '${path}' was ${change} while the store had it open; ${advice}`);

function snapshotOf(names: FileNames): FileSnapshot {
  const stats = statsOf(names.path);
  if (stats === undefined) throw changeError(names, 'removed');
  const { dev, ino, size } = stats;
  return { ...names, dev, ino, size };
}

function checkFile(snapshot: FileSnapshot): StoreError | undefined {
  const stats = statsOf(snapshot.path);
  const change = changeOf(snapshot, stats);
  if (change !== undefined) return changeError(snapshot, change);
  snapshot.size = stats?.size ?? snapshot.size;
  return undefined;
}

/**
 * Records the identity of the files that LMDB has open. Must be called immediately after LMDB has opened them: a file that
 * is replaced before this call would count as the opened one.
 *
 * @param path - Data file. It must be absolute, because `process.chdir` changes the meaning of a relative path.
 * @param lockPath - Lock file. If it is removed, another process creates a new lock file and writes at the same time as
 *   this process.
 * @throws {@link StoreError} if a file does not exist or cannot be checked.
 * @example
 * const identity = createDataFileIdentity('/srv/events.lmdb', '/srv/events.lmdb-lock');
 * const fault = identity.check();
 * if (fault) throw fault;
 */
export function createDataFileIdentity(path: string, lockPath: string): DataFileIdentity {
  const files = [
    snapshotOf({
      path,
      name: 'data file',
      advice: 'close the store, restore the file, for example from a backup, and reopen it',
    }),
    snapshotOf({
      path: lockPath,
      name: 'lock file',
      advice: 'close the file in every process that has it open, then reopen it',
    }),
  ];
  let fault: StoreError | undefined;
  return {
    check() {
      try {
        for (const file of files) fault ??= checkFile(file);
        return fault;
      } catch (cause) {
        return cause as StoreError; // error of `statsOf`, not stored, because the next check can succeed
      }
    },
  };
}
