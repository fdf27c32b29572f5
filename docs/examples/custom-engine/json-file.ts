import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from 'rx-watcher';

/** A value in a file. */
export interface JsonFile<T> {
  readonly contents: T;
  /** Replaces what changes: all of it or nothing, and on the disk when this returns. */
  change(parts: Partial<T>): void;
}

/** A rename is on the disk when the directory is. */
function sync(directory: string): void {
  const opened = openSync(directory, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** Opens a file; where none is, the contents are those given. */
export function openJsonFile<T>(path: string, initial: T): JsonFile<T> {
  let contents: T = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : initial;
  return {
    get contents() {
      return contents;
    },
    change(parts) {
      const changed = { ...contents, ...parts };
      try {
        writeFileSync(`${path}.new`, JSON.stringify(changed), { flush: true });
        renameSync(`${path}.new`, path); // whoever opens it finds the old contents or the new
        sync(dirname(path));
      } catch (cause) {
        throw new StoreError(`cannot write '${path}'`, { cause });
      }
      contents = changed;
    },
  };
}
