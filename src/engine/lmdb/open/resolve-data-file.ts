import { lstatSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { StoreError } from '../../../errors.ts';
import { countCopyLinks } from '../file/copy-directory.ts';

/** List of the mounts that this process sees; only Linux has it. */
const MOUNTS = '/proc/self/mountinfo';

/** Index of the mount point among the words of a line. */
const POINT = 4;

/** Mount points of a list of mounts, in which characters that separate words are octal numbers. */
export function parseMountPoints(list: string): readonly string[] {
  const decode = (word: string) =>
    word.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
  return list.split('\n').map((line) => decode(line.split(' ')[POINT] ?? ''));
}

/** Whether something is mounted at a resolved path; `false` on a system that has no list of mounts. */
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
 * The path is not normalized first: `..` after a symbolic link means the parent of the link's target. `realpath` of Node
 * in JavaScript ignores that; the native one does not.
 */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  const directory = realPath(dirname(path));
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return join(directory, basename(path));
  // LMDB creates the file at the target of a dangling link, and its lock file next to the link.
  const target = readlinkSync(path);
  return realPath(isAbsolute(target) ? target : `${directory}${sep}${target}`);
}

/** Why processes may open the file by several paths, so that each has a lock file of its own. */
function severalPathsFault(path: string, stats: Stats | undefined): string | undefined {
  if (!stats?.isFile()) return undefined;
  const links = stats.nlink - (stats.nlink > 1 ? countCopyLinks(path, stats) : 0);
  if (links > 1)
    return `it has ${links} hard links, and processes that open different ones do not share a lock file; remove the other links, or copy the file and open the copy`;
  if (isMountPoint(path))
    return 'it is mounted as a single file, and its lock file is not; mount the directory that holds both';
  return undefined;
}

/**
 * Returns the absolute path of a data file, with every symbolic link resolved, of the file and of its directories.
 *
 * LMDB derives the name of the lock file from the path: two paths of one file would give it two lock files, and two
 * processes would write at the same time. Call it once per opening; a later `process.chdir` then changes nothing.
 *
 * @param path - Data file; the file and its directories may be missing.
 * @throws {@link StoreError} if the path cannot be resolved, for example because a symbolic link refers to itself; if
 * the file has more than one hard link; or if the file alone is mounted, as a container may have it.
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
