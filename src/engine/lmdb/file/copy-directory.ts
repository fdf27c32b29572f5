import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, type Stats, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Logger } from '../../../store/reporting/logger.ts';
import { pidNamespace } from '../open/pid-namespace.ts';

/** Prefix of the directory, next to the destination, that a copy is written in. */
const PREFIX = '.rx-watcher-';

/** Name of the copy in it. */
export const COPY_NAME = 'data.mdb';

/** Time without a write after which a copy is abandoned, even if its process seems to run, in milliseconds. */
const ABANDONED = 24 * 60 * 60 * 1000;

const NAME = /^\.rx-watcher-([0-9a-f]{12})-(\d+)-/;

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return '';
  }
}

/** Identifies the processes among which a process id means one process: the destination may be a network drive. */
const processGroup = (): string =>
  createHash('sha256').update([hostname(), bootId(), pidNamespace()].join()).digest('hex').slice(0, 12);

/** Creates the directory that a copy to `path` is written in; its name says which process writes it. */
export const createCopyDirectory = (path: string): Promise<string> =>
  mkdtemp(join(dirname(path), `${PREFIX}${processGroup()}-${process.pid}-`));

const copiesIn = (directory: string): readonly string[] =>
  readdirSync(directory).filter((name) => name.startsWith(PREFIX));

/**
 * Returns how many of a file's hard links are in such directories: one for a moment after the copy, and for good if
 * the process that copied was killed in that moment. No process opens such a link.
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
 * A copy in progress is written to all the time. If one is removed that was suspended for a day, its process finds no
 * file to link: the backup fails, and nothing is lost.
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

/** Removes from a directory the copies of processes that were killed, and reports what it cannot remove. */
export function removeLeftovers(directory: string, logger: Logger): void {
  try {
    for (const name of copiesIn(directory)) {
      if (isLeftover(directory, name)) rmSync(join(directory, name), { recursive: true, force: true });
    }
  } catch (error) {
    logger.warn(`cannot remove the rest of an interrupted backup in '${directory}': ${String(error)}`);
  }
}
