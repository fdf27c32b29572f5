import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from 'rx-watcher';

/** A JSON value that is kept in memory. Each change rewrites the whole file. */
export interface JsonFile<T> {
  readonly contents: T;
  /** Replaces parts of the value atomically. The change is durable when the call returns. */
  change(parts: Partial<T>): void;
}

/** Flushes a directory, which makes a rename in it durable. */
function sync(directory: string): void {
  const opened = openSync(directory, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** Opens a file. If it does not exist, its contents are `initial`, and the first change creates it. */
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
        renameSync(`${path}.new`, path); // a reader finds either the old or the new contents
        sync(dirname(path));
      } catch (cause) {
        throw new StoreError(`cannot write '${path}'`, { cause });
      }
      contents = changed;
    },
  };
}
