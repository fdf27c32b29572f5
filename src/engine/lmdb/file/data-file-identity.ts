import { type BigIntStats, statSync } from 'node:fs';
import { StoreError } from '../../../errors.ts';
import { lmdbFileState } from './inspect-lmdb-file.ts';

/** Check that the files of an open store are still the files that LMDB has open. */
export interface DataFileIdentity {
  /**
   * Returns an error if a file was removed, replaced or cut short since the opening. LMDB would crash on a file that was
   * cut short, and acknowledge writes into a file that has no name anymore.
   *
   * It costs one `stat` per file. Once a change was found, every later call returns the same error; an error that says
   * that the files cannot be looked at lasts as long as its cause.
   */
  check(): StoreError | undefined;
}

/** One of the files, as it was last seen. */
interface Seen {
  readonly path: string;
  readonly name: 'data file' | 'lock file';
  readonly advice: string;
  readonly dev: bigint;
  readonly ino: bigint;
  size: bigint;
}

/** Returns `undefined` if no file has the name. */
function look(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (cause) {
    throw new StoreError(`cannot look at '${path}': ${(cause as Error).message}`, { cause });
  }
}

/** An application that opens the file with `useWritemap` may cut off pages that are not needed. */
function isDamaged({ path, name }: Seen): boolean {
  try {
    return name === 'lock file' || lmdbFileState(path) !== 'whole';
  } catch {
    return true;
  }
}

function changeOf(seen: Seen, stats: BigIntStats | undefined): string | undefined {
  if (stats === undefined) return 'removed';
  if (stats.dev !== seen.dev || stats.ino !== seen.ino) return 'replaced';
  return stats.size < seen.size && isDamaged(seen) ? 'cut short' : undefined;
}

const changed = ({ path, name, advice }: Seen, change: string): StoreError =>
  new StoreError(`the ${name} '${path}' was ${change} while the store had it open; ${advice}`);

function see(path: string, name: Seen['name'], advice: string): Seen {
  const stats = look(path);
  const seen = { path, name, advice, dev: stats?.dev ?? 0n, ino: stats?.ino ?? 0n, size: stats?.size ?? 0n };
  if (stats === undefined) throw changed(seen, 'removed');
  return seen;
}

function check(seen: Seen): StoreError | undefined {
  const stats = look(seen.path);
  const change = changeOf(seen, stats);
  if (change !== undefined) return changed(seen, change);
  seen.size = stats?.size ?? seen.size;
  return undefined;
}

/**
 * Remembers which files LMDB has open. Call it right after opening them.
 *
 * @param path - Data file; absolute, or `process.chdir` would change its meaning.
 * @param lockPath - Lock file. Without it, another process would create one and write at the same time.
 * @throws {@link StoreError} if a file does not exist or cannot be looked at.
 * @example
 * const identity = createDataFileIdentity('/srv/events.lmdb', '/srv/events.lmdb-lock');
 * const fault = identity.check();
 * if (fault) throw fault;
 */
export function createDataFileIdentity(path: string, lockPath: string): DataFileIdentity {
  const files = [
    see(path, 'data file', 'close the store, restore the file, from a backup if need be, and open it again'),
    see(lockPath, 'lock file', 'close the file in every process that has it open, then open it again'),
  ];
  let fault: StoreError | undefined;
  return {
    check() {
      try {
        for (const file of files) fault ??= check(file);
        return fault;
      } catch (cause) {
        return cause as StoreError; // of `look`: the next look may succeed
      }
    },
  };
}
