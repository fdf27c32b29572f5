import { afterEach, beforeEach } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/** Gives each test of the file or group a directory of its own, and removes it behind what comes after the test. */
export function eachDirectory(begin: (directory: TemporaryDirectory) => unknown): void {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    await begin(directory);
  });
  afterEach(() => directory.remove());
}
