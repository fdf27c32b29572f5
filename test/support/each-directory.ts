import { afterEach, beforeEach } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/**
 * Creates a directory before each test of the file or group, and removes it after the other hooks of the test. Returns the
 * directory of the current test.
 */
export function eachDirectory(
  begin: (directory: TemporaryDirectory) => unknown = () => undefined,
): Pick<TemporaryDirectory, 'file'> {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    await begin(directory);
  });
  afterEach(() => directory.remove());
  return { file: (name) => directory.file(name) };
}
