import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Windows cannot open a directory to flush it. */
const HAS_DIRECTORIES = process.platform !== 'win32';

/** Some network file systems have no flush of a directory: the server does it. */
function assertUnsupported(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
}

/** Flushes the content of a file to the disk. */
export async function flushFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the names of the files in a directory to the disk: without it, a loss of power can remove a new file. */
export async function flushDirectory(path: string): Promise<void> {
  if (!HAS_DIRECTORIES) return;
  const directory = await open(path);
  try {
    await directory.sync().catch(assertUnsupported);
  } finally {
    await directory.close();
  }
}

/** Does the same as {@link flushDirectory} before it returns. */
export function flushDirectorySync(path: string): void {
  if (!HAS_DIRECTORIES) return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } catch (error) {
    assertUnsupported(error);
  } finally {
    closeSync(directory);
  }
}
