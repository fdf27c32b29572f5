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

/** Blocks the thread for a time, in milliseconds: a file is opened synchronously. */
export const sleep = (milliseconds: number): void => void Atomics.wait(clock, 0, 0, milliseconds);

/** Time that the creation of a file of a few pages may take, in milliseconds. */
const CREATION = 1000;

/** Time after its end, or its creation, after which a generation is removed, in milliseconds. */
const STALE = 10_000;

/** Time between two looks, in milliseconds. */
const LOOK = 0.5;

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
 * An LMDB environment to which nothing is ever written. Its lock of writers is the turn of the processes that open a data
 * file: the system releases it if its owner dies. Its table of readers lists the processes that have the data file open.
 *
 * LMDB destroys the locks when the last process closes an environment, and another that opens it at that moment would use
 * them. Each environment is therefore one of several generations: the last process ends the current one before it closes
 * it, and a newcomer that finds it ended goes to the next.
 */
export class Turn {
  /** The environment. */
  readonly env: RootDatabase;
  readonly #directory: string;
  readonly #mode: number;
  readonly #generation: string;

  /**
   * @param directory - Directory of the generations.
   * @param mode - Permissions of the files in it.
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
      // The class alone: its first instance takes a lock, which may be one that was destroyed.
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

  /** Returns the name of the new generation: this one's, or that of the process that was faster. */
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
      if (stats && Date.now() - stats.mtimeMs > STALE) rmSync(path, { recursive: true, force: true });
    }
  }

  /** Waits while another process creates the file. One that a loss of power has cut off is ended: LMDB would crash on it. */
  #isCreated(path: string): boolean {
    const begin = realNow();
    while (!isWhole(path)) {
      if (realNow() - begin > CREATION) {
        this.end();
        return false;
      }
      sleep(LOOK);
    }
    return true;
  }

  /** Returns whether other processes that open the data file come to this environment. */
  isCurrent(): boolean {
    return this.#current() === this.#generation;
  }

  /** Ends this generation, if it is the current one. Its files stay for a while: a newcomer may be opening them. */
  end(): void {
    if (!this.isCurrent()) return;
    const now = new Date();
    utimesSync(join(this.#directory, this.#generation), now, now);
    rmSync(this.#currentFile, { force: true });
  }

  /** Returns the process id of each thread that has the data file open, without those of processes that have died. */
  threads(): readonly number[] {
    this.env.readerCheck();
    return [...this.env.readerList().matchAll(/^\s*(\d+)\s/gm)].map(([, pid]) => Number(pid));
  }

  /** Returns the ids of the other processes that have the data file open. */
  others(): readonly number[] {
    return [...new Set(this.threads())].filter((pid) => pid !== process.pid);
  }

  /** Closes the environment; ends the generation if no thread has the data file open any more. */
  async close(): Promise<void> {
    this.env.transactionSync(() => {
      if (this.threads().length === 0) this.end();
    });
    await this.env.close();
  }
}
