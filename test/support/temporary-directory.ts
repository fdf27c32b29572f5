import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface TemporaryDirectory {
  /** Returns the path of a file in the directory. */
  file(name: string): string;
  remove(): Promise<void>;
}

// Resolve symbolic links, so that the path equals the path that a program in the directory prints.
const create = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'rx-watcher-')));

// A process that was killed a moment ago can still create files, so a removal may need further attempts.
const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });

/** Creates a temporary directory, which the test removes. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = create();
  return { file: (name) => join(path, name), remove: () => remove(path) };
}

/** Creates a temporary directory, which is removed when the current test has finished. Returns its path. */
export function testDirectory(): string {
  const path = create();
  onTestFinished(() => remove(path));
  return path;
}
