import { rmSync } from 'node:fs';
import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';

/**
 * Deletes a store and its lock file. Only for a file that was recognised as a store of this demo.
 *
 * @throws {@link DemoError} if that is not permitted.
 */
export function deleteStore(path: string): void {
  try {
    rmSync(path);
    rmSync(`${path}-lock`, { force: true });
  } catch (cause) {
    const reason = printable((cause as Error).message);
    throw new DemoError(`${printable(path)} cannot be deleted: ${reason}; name another with --store`, {
      cause,
    });
  }
}
