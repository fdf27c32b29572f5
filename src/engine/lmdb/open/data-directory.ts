import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../../errors.ts';
import { directoryMode, PRIVATE } from '../file/file-mode.ts';
import { flushDirectorySync } from '../file/flush.ts';

/** Options of the files that a store creates. */
export interface FileOptions {
  /**
   * Permissions of created files: data file, lock file, gate and backups. Created directories also get the permission to
   * enter, for example `0o700` for `0o600`. The umask of the process applies. Permissions of existing files do not change.
   *
   * @defaultValue 0o600
   */
  readonly mode?: number | undefined;
  /**
   * Whether to create missing directories of a data file or of a backup. By default, a mistyped path is an error instead of
   * an empty log.
   *
   * @defaultValue false
   */
  readonly createDirectories?: boolean | undefined;
}

/** Creates a directory and its parents, one at a time, because the recursive `mkdirSync` never returns in `/proc`. */
function create(directory: string, mode: number): void {
  if (statSync(directory, { throwIfNoEntry: false })) return;
  const parent = dirname(directory);
  create(parent, mode);
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process has created the directory
  }
  flushDirectorySync(parent);
}

/**
 * Checks that the directory of a file exists. With `createDirectories`, creates a missing directory and flushes its name to
 * the disk.
 *
 * @param path - Absolute path of the file.
 * @throws {@link StoreError} if the directory does not exist and `createDirectories` is not set.
 * @throws {@link StoreError} if the directory cannot be created.
 */
export function prepareDirectory(path: string, { mode = PRIVATE, createDirectories }: FileOptions): void {
  const directory = dirname(path);
  try {
    if (createDirectories) create(directory, directoryMode(mode));
    else if (statSync(directory, { throwIfNoEntry: false }) === undefined) {
      throw new StoreError(
        `the directory '${directory}' does not exist; create it, or open the store with createDirectories: true`,
      );
    }
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot use the directory '${directory}': ${(cause as Error).message}`, { cause });
  }
}
