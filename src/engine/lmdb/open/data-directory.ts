import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../../errors.ts';
import { directoryMode, PRIVATE } from '../file/file-mode.ts';
import { flushDirectorySync } from '../file/flush.ts';

/** Options of the files that a store creates. */
export interface FileOptions {
  /**
   * Permissions of the files that are created: data file, lock file, gate and backups. Directories get them with the
   * right to enter: `0o700` for `0o600`. The umask of the process applies. Existing files keep theirs.
   *
   * @defaultValue `0o600`
   */
  readonly mode?: number | undefined;
  /**
   * Whether to create the directories of a data file, or of a backup, that do not exist.
   *
   * @defaultValue `false`: a mistyped path is an error, and not an empty log
   */
  readonly createDirectories?: boolean | undefined;
}

/** One at a time: the recursive `mkdirSync` does not end in `/proc`. */
function create(directory: string, mode: number): void {
  if (statSync(directory, { throwIfNoEntry: false })) return;
  const parent = dirname(directory);
  create(parent, mode);
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was faster
  }
  flushDirectorySync(parent);
}

/**
 * Checks that the directory of a file exists; creates it, and flushes its name to the disk, if the options say so.
 *
 * @param path - Absolute path of the file.
 * @throws {@link StoreError} if the directory does not exist or cannot be created.
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
