import { lstatSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { StoreError } from '../../../errors.ts';
import { countCopyLinks } from '../file/copy-directory.ts';

/** File with the list of the mounts of this process. Only Linux has it. */
const MOUNTS = '/proc/self/mountinfo';

/** Index of the mount point among the fields of a line. */
const MOUNT_POINT = 4;

/** Returns the mount points in a list of mounts. The list escapes a space in a path as `\040`, for example. */
export function parseMountPoints(list: string): readonly string[] {
  const decode = (field: string) =>
    field.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
  return list.split('\n').map((line) => decode(line.split(' ')[MOUNT_POINT] ?? ''));
}

/** Returns whether a resolved path is a mount point; `false` on a system without a list of mounts. */
export function isMountPoint(path: string): boolean {
  let list: string;
  try {
    list = readFileSync(MOUNTS, 'utf8');
  } catch {
    return false;
  }
  return parseMountPoints(list).includes(path);
}

/**
 * Resolves a path that need not exist. The path is not normalized first, because `..` after a symbolic link means the parent
 * of the link's target. The native `realpath` follows this rule; the JavaScript implementation of Node.js does not.
 */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  const directory = realPath(dirname(path));
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return join(directory, basename(path));
  // LMDB would create the file at the target of a dangling link, and the lock file next to the link.
  const target = readlinkSync(path);
  return realPath(isAbsolute(target) ? target : `${directory}${sep}${target}`);
}

/**
 * Returns a fault if a file can be opened under several paths, each with a separate lock file; `undefined` if the file has
 * only one path.
 */
function severalPathsFault(path: string, stats: Stats | undefined): string | undefined {
  if (!stats?.isFile()) return undefined;
  const links = stats.nlink - (stats.nlink > 1 ? countCopyLinks(path, stats) : 0);
  if (links > 1)
    return `it has ${links} hard links, and processes that open different links do not share a lock file; remove the other links, or copy the file and open the copy`;
  if (isMountPoint(path))
    return 'it is mounted as a single file without its lock file; mount the directory that contains both';
  return undefined;
}

/**
 * Returns the absolute path of a data file, with all symbolic links of the file and its directories resolved.
 *
 * LMDB derives the name of the lock file from the path. Two paths of one file would have two lock files, and two processes
 * would write at the same time. Must be called only once per opening: after a `process.chdir`, a relative path means
 * another file.
 *
 * @param path - Data file. The file and its directories may be missing.
 * @throws {@link StoreError} if the path cannot be resolved, for example because a symbolic link refers to itself.
 * @throws {@link StoreError} if the file has more than one hard link.
 * @throws {@link StoreError} if the file is mounted without its directory, for example in a container.
 * @example
 * resolveDataFile('./events.lmdb'); // '/srv/app/events.lmdb'
 */
export function resolveDataFile(path: string): string {
  let resolved: string;
  let fault: string | undefined;
  try {
    resolved = realPath(isAbsolute(path) ? path : `${process.cwd()}${sep}${path}`);
    fault = severalPathsFault(resolved, statSync(resolved, { throwIfNoEntry: false }));
  } catch (cause) {
    throw new StoreError(`cannot open '${path}' as a store: ${(cause as Error).message}`, { cause });
  }
  if (fault !== undefined) throw new StoreError(`cannot open '${path}' as a store: ${fault}`);
  return resolved;
}
