import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directory for the files of one test. */
export interface TemporaryDirectory {
  /** Returns the path of a file in the directory. */
  file(name: string): string;
  remove(): Promise<void>;
}

/** Creates a temporary directory. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'rx-watcher-'));
  return {
    file: (name) => join(path, name),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
