import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Whether the system can flush a directory. Windows cannot open a directory for this purpose. */
const CAN_FLUSH_DIRECTORIES = process.platform !== 'win32';

/**
 * Rethrows an error, unless it means that the file system cannot flush directories. Some network file systems leave the
 * flush to the server.
 */
function ignoreUnsupported(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
}

/** Flushes the content of a file to the disk, so that it survives a power failure. */
export async function flushFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the names of the files in a directory to the disk. Otherwise, a power failure could remove a new file. */
export async function flushDirectory(path: string): Promise<void> {
  if (!CAN_FLUSH_DIRECTORIES) return;
  const directory = await open(path);
  try {
    await directory.sync().catch(ignoreUnsupported);
  } finally {
    await directory.close();
  }
}

/** Synchronous version of {@link flushDirectory}. */
export function flushDirectorySync(path: string): void {
  if (!CAN_FLUSH_DIRECTORIES) return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } catch (error) {
    ignoreUnsupported(error);
  } finally {
    closeSync(directory);
  }
}
