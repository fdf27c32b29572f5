import { randomUUID } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openAsClass, type RootDatabase } from 'lmdb';
import { realNow } from '../../../scheduling/clock.ts';
import { directoryMode } from '../file/file-mode.ts';
import { inspectLmdbFile } from '../file/inspect-lmdb-file.ts';

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread for a number of milliseconds. A timer cannot be used, because files are opened synchronously. */
export const sleep = (milliseconds: number): void => void Atomics.wait(clock, 0, 0, milliseconds);

/** Maximum time to wait while another process creates a file of a few pages, in milliseconds. */
const CREATION_TIMEOUT = 1000;

/** Delay between the creation or the end of a generation and the removal of its files, in milliseconds. */
const STALE_AFTER = 10_000;

/** Time between two checks of a file that another process creates, in milliseconds. */
const POLL_INTERVAL = 0.5;

const hasCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code;

const isWhole = (path: string): boolean => {
  try {
    inspectLmdbFile(path);
    return true;
  } catch {
    return false;
  }
};

/**
 * Opening turn of a data file: the writer lock of an LMDB environment to which nothing is ever written. The system releases
 * the lock if its owner dies. The reader table of the environment lists the processes that have the data file open.
 *
 * LMDB destroys the locks when the last process closes an environment. A process that opens the environment at that moment
 * would use destroyed locks. There are therefore several generations of the environment. The last process ends the current
 * generation before it closes the environment. A process that finds an ended generation uses the next one.
 */
export class OpeningTurn {
  /** Environment of this generation; its writer lock is the turn. */
  readonly env: RootDatabase;
  readonly #directory: string;
  readonly #mode: number;
  readonly #generation: string;

  /**
   * @param directory - Directory of the generations.
   * @param mode - Permissions of the created files.
   */
  constructor(directory: string, mode: number) {
    this.#directory = directory;
    this.#mode = mode;
    for (;;) {
      this.#generation = this.#current() ?? this.#begin();
      const path = join(directory, this.#generation, 'turn.lmdb');
      if (!this.#isCreated(path)) continue;
      const options = {
        path,
        noSubdir: true,
        permissionsMode: mode,
        overlappingSync: false,
        eventTurnBatching: false,
        isRoot: true,
      };
      // Do not create an instance before the check of the generation, because the constructor acquires a lock, which may
      // have been destroyed.
      const Root = openAsClass(options) as unknown as new (name: null, options: object) => RootDatabase;
      if (!this.isCurrent()) continue;
      this.env = new Root(null, options);
      return;
    }
  }

  get #currentFile(): string {
    return join(this.#directory, 'current');
  }

  #current(): string | undefined {
    try {
      return readFileSync(this.#currentFile, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** Creates a generation. Returns its name, or the name of the generation that another process has created first. */
  #begin(): string {
    this.#removeStale();
    const generation = `turn-${randomUUID()}`;
    const name = join(this.#directory, generation, 'name');
    mkdirSync(join(this.#directory, generation), { mode: directoryMode(this.#mode) });
    writeFileSync(name, generation, { mode: this.#mode });
    try {
      linkSync(name, this.#currentFile);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    return this.#current() ?? generation;
  }

  #removeStale(): void {
    for (const name of readdirSync(this.#directory)) {
      const path = join(this.#directory, name);
      const stats = name.startsWith('turn-') ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (stats && Date.now() - stats.mtimeMs > STALE_AFTER) rmSync(path, { recursive: true, force: true });
    }
  }

  /**
   * Waits while another process creates the file. If the file stays incomplete, for example after a power failure, ends the
   * generation, because LMDB would crash on the file.
   */
  #isCreated(path: string): boolean {
    const begin = realNow();
    while (!isWhole(path)) {
      if (realNow() - begin > CREATION_TIMEOUT) {
        this.end();
        return false;
      }
      sleep(POLL_INTERVAL);
    }
    return true;
  }

  /** Returns whether this is the current generation, which other processes that open the data file use. */
  isCurrent(): boolean {
    return this.#current() === this.#generation;
  }

  /**
   * Ends this generation if it is the current one. The files of the generation are removed later, because a process may be
   * opening them.
   */
  end(): void {
    if (!this.isCurrent()) return;
    const now = new Date();
    utimesSync(join(this.#directory, this.#generation), now, now);
    rmSync(this.#currentFile, { force: true });
  }

  /**
   * Returns the process id of each thread that has the data file open. A process with two such threads occurs twice, and a
   * dead process does not occur.
   */
  threads(): readonly number[] {
    this.env.readerCheck();
    return [...this.env.readerList().matchAll(/^\s*(\d+)\s/gm)].map(([, pid]) => Number(pid));
  }

  /** Returns the ids of the other processes that have the data file open. */
  others(): readonly number[] {
    return [...new Set(this.threads())].filter((pid) => pid !== process.pid);
  }

  /** Closes the environment. Ends the generation if no thread has the data file open any more. */
  async close(): Promise<void> {
    this.env.transactionSync(() => {
      if (this.threads().length === 0) this.end();
    });
    await this.env.close();
  }
}
