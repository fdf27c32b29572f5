import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, type Stats, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Logger } from '../../../store/reporting/logger.ts';
import { pidNamespace } from '../open/pid-namespace.ts';

/** Prefix of the directory, next to the destination, in which a copy is written. */
const PREFIX = '.rx-watcher-';

/** Name of the copy in its directory. */
export const COPY_NAME = 'data.mdb';

/** Time without a write after which a copy counts as abandoned, even if its process seems to run, in milliseconds. */
const ABANDONED = 24 * 60 * 60 * 1000;

const NAME = /^\.rx-watcher-([0-9a-f]{12})-(\d+)-/;

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return '';
  }
}

/**
 * Returns a digest of the host, its boot and the pid namespace, within which a process id is unique. The destination can be
 * on a network drive, where copies of several machines can have equal process ids.
 */
const processGroup = (): string =>
  createHash('sha256').update([hostname(), bootId(), pidNamespace()].join()).digest('hex').slice(0, 12);

/** Creates the directory in which a copy to `path` is written. Its name identifies the writing process. */
export const createCopyDirectory = (path: string): Promise<string> =>
  mkdtemp(join(dirname(path), `${PREFIX}${processGroup()}-${process.pid}-`));

const copiesIn = (directory: string): readonly string[] =>
  readdirSync(directory).filter((name) => name.startsWith(PREFIX));

/**
 * Returns the number of hard links of a file that are in copy directories. Such a link exists between the publication of a
 * copy and the removal of its directory. The link remains if the copying process is killed in between. No process opens the
 * file through this link, so it does not count as a second path of the file.
 */
export function countCopyLinks(path: string, { dev, ino }: Stats): number {
  return copiesIn(dirname(path)).filter((name) => {
    const stats = statSync(join(dirname(path), name, COPY_NAME), { throwIfNoEntry: false });
    return stats?.dev === dev && stats.ino === ino;
  }).length;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Returns whether nothing was written to a copy for a day. The directory of such a copy can be removed. If the copying
 * process is only suspended, its backup fails when the process continues, because the copy is then missing. No data is lost.
 */
function isAbandoned(copyDirectory: string): boolean {
  const written = [copyDirectory, join(copyDirectory, COPY_NAME)].map(
    (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return Date.now() - Math.max(...written) > ABANDONED;
}

function isLeftover(directory: string, name: string): boolean {
  const [, group, pid] = NAME.exec(name) ?? [];
  return (group === processGroup() && !isRunning(Number(pid))) || isAbandoned(join(directory, name));
}

/** Removes abandoned copies and copies of killed processes. A failure of the removal is only logged. */
export function removeLeftovers(directory: string, logger: Logger): void {
  try {
    for (const name of copiesIn(directory)) {
      if (isLeftover(directory, name)) rmSync(join(directory, name), { recursive: true, force: true });
    }
  } catch (error) {
    logger.warn(`cannot remove the remains of an interrupted backup in '${directory}': ${String(error)}`);
  }
}
