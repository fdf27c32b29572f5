import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../../errors.ts';
import { realNow } from '../../../scheduling/clock.ts';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';
import { directoryMode } from '../file/file-mode.ts';
import { transactionId } from '../file/meta-pages.ts';
import { isOpen } from './env-state.ts';
import { sleep, Turn } from './opening-turn.ts';
import { pidNamespace } from './pid-namespace.ts';

/** Time that the processes which have the file open get to answer an opening, in milliseconds. */
const PATIENCE = 10_000;

/** Time after which a request that was not answered is made again, in milliseconds. */
const AGAIN = 250;

/** Time between two looks for the answer, in milliseconds. */
const LOOK = 0.5;

/** Time after which a guard that does not end is taken for dead, in milliseconds. */
const GUARD_ENDS = 2000;

/** A thread's part in the gate of a data file that it has open. */
export interface OpenGate {
  /** Has this thread hold the lock of writers of `env` while another process opens the file. */
  guardWith(env: RootDatabase): void;
  /** Ends that; to be called when the environment is closed. */
  leave(): Promise<void>;
}

/** The gates of this thread: while it waits at one, it guards at the others. */
const guards = new Set<() => void>();

/**
 * A file whose time of modification is a message: it is set and read atomically, needs no room on the disk, and wakes
 * the processes that watch the file.
 */
class Signal {
  readonly path: string;

  constructor(path: string, mode: number) {
    this.path = path;
    writeFileSync(path, '', { flag: 'a', mode });
  }
  get(): number {
    return Math.round(statSync(this.path).mtimeMs / 1000);
  }
  set(message: number): void {
    utimesSync(this.path, message, message);
  }
}

/** Creates what another process may create at the same time. */
function create(make: () => void): void {
  try {
    make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The turns of this thread. lmdb-js closes their environments when the thread exits. */
const turns = new Set<Turn>();

process.on('exit', () => {
  for (const turn of turns) if (turn.threads().length <= 1) turn.end();
});

/** What the processes at a gate share: a directory next to the data file. */
function openGateDirectory(dataFile: string, mode: number) {
  const directory = `${dataFile}-gate`;
  if (!existsSync(directory)) create(() => mkdirSync(directory, { mode: directoryMode(mode) }));
  return {
    mode,
    turn: new Turn(directory, mode),
    request: new Signal(join(directory, 'request'), mode),
    grant: new Signal(join(directory, 'grant'), mode),
    passed: new Signal(join(directory, 'passed'), mode),
    namespaceFile: join(directory, 'pid-namespace'),
  };
}

type GateDirectory = ReturnType<typeof openGateDirectory>;

/** LMDB knows the processes that share a file by their ids; two namespaces have the same ids. */
function assertSameNamespace(directory: GateDirectory, dataFile: string): void {
  const { mode, turn, request, grant, passed, namespaceFile } = directory;
  const own = pidNamespace();
  if (turn.threads().length === 0) {
    for (const signal of [request, grant, passed]) signal.set(0);
    writeFileSync(namespaceFile, own, { mode });
  } else if (readFileSync(namespaceFile, 'utf8') !== own) {
    throw new StoreError(
      `cannot open '${dataFile}': a process of another pid namespace has it open; containers that share a file must share the pid namespace`,
    );
  }
}

/**
 * Waits, blocking the thread, until another process holds the lock of writers.
 *
 * @returns Whether one does; if not, no other process has the file open any more.
 */
function waitForGuard({ turn, request, grant, passed }: GateDirectory, dataFile: string): boolean {
  const message = randomInt(1, 2 ** 31);
  const begin = realNow();
  let requested = Number.NEGATIVE_INFINITY;
  for (;;) {
    // An answer to the newcomer before, which may have died, is as good: the guard holds the lock until the turn is over.
    if (grant.get() !== passed.get()) return true;
    const others = turn.others();
    if (others.length === 0) return false;
    const waited = realNow() - begin;
    if (waited >= PATIENCE) {
      throw new StoreError(
        `cannot open '${dataFile}': the processes that have it open (pid ${others.join(', ')}) did not answer within ${PATIENCE / 1000} s; the event loop of one of them must`,
      );
    }
    if (waited - requested >= AGAIN) {
      request.set(message);
      requested = waited;
    }
    for (const guard of guards) guard();
    sleep(LOOK);
  }
}

/**
 * Does synchronous work in turn with the other processes. The guard of the newcomer before waits for the turn, too, and
 * holds the lock of writers until it has it: it goes first.
 */
function inTurn<T>({ turn, grant, passed }: GateDirectory, work: () => T): T {
  let waiting = 0;
  let since = 0;
  /** A guard that was killed does not pass any more. */
  const isFree = (): boolean => {
    const granted = grant.get();
    if (granted === passed.get()) return true;
    const now = realNow();
    if (granted !== waiting) [waiting, since] = [granted, now];
    if (now - since < GUARD_ENDS) return false;
    passed.set(granted);
    return true;
  };
  for (;;) {
    const done = turn.env.transactionSync(() => (isFree() ? { result: work() } : undefined));
    if (done !== undefined) return done.result;
    sleep(LOOK);
  }
}

/** Begins to guard at a gate, where `arrive` is called once, in turn with the other processes. */
function enter<T>(dataFile: string, mode: number, logger: Reporter, arrive: (directory: GateDirectory) => T) {
  let env: RootDatabase | undefined;
  let arrived: { readonly result: T } | undefined;

  const guardAt = ({ turn, request, grant, passed }: GateDirectory) => {
    const message = request.get();
    if (message === grant.get() || env === undefined || !isOpen(env)) return;
    env.transactionSync(() => {
      if (request.get() !== message || grant.get() === message) return;
      grant.set(message);
      // The newcomer has the turn until it has opened the file, or has ended.
      turn.env.transactionSync(() => passed.set(message));
    });
  };
  const tryGuardAt = (directory: GateDirectory) => {
    try {
      guardAt(directory);
    } catch (error) {
      logger.error(
        `cannot let another process open '${dataFile}': ${textOf(error)}`,
        'RX_WATCHER_OPENING_BLOCKED',
      );
    }
  };

  /** Arrives, and begins to guard; `undefined` if other processes have come to find another directory's files. */
  const tryEnter = (directory: GateDirectory): OpenGate | undefined => {
    const { turn, request } = directory;
    const guard = () => tryGuardAt(directory);
    const entered = inTurn(directory, () => {
      if (!turn.isCurrent()) return undefined;
      assertSameNamespace(directory, dataFile);
      arrived ??= { result: arrive(directory) };
      // Before the next one has its turn: its request must not be missed.
      const watcher = watch(request.path, { persistent: false }, guard);
      return { membership: turn.env.useReadTransaction(), watcher };
    });
    if (entered === undefined) return undefined;
    const { membership, watcher } = entered;
    watcher.on('error', (error) =>
      logger.error(`cannot watch '${request.path}': ${textOf(error)}`, 'RX_WATCHER_OPENING_BLOCKED'),
    );
    guards.add(guard);
    turns.add(turn);
    return {
      guardWith(opened) {
        env = opened;
      },
      async leave() {
        guards.delete(guard);
        watcher.close();
        // First: a newcomer that waits for an answer has the turn, and must see that there is nothing to wait for.
        turn.env.resetReadTxn();
        membership.done();
        turns.delete(turn);
        await turn.close();
      },
    };
  };

  for (;;) {
    const directory = openGateDirectory(dataFile, mode);
    let gate: OpenGate | undefined;
    try {
      gate = tryEnter(directory);
    } catch (error) {
      void directory.turn.close();
      throw error;
    }
    if (gate !== undefined && directory.turn.isCurrent()) {
      return { arrived: (arrived as unknown as { readonly result: T }).result, gate };
    }
    void (gate ? gate.leave() : directory.turn.close());
  }
}

/** A file that was opened through its gate. */
export interface ThroughGate<T> {
  /** The result of the native open. */
  readonly opened: T;
  /** Whether a commit of another process may have been lost, since the guard ended in the middle. */
  readonly isDoubtful: boolean;
  /** The gate, for others to open the file from now on. */
  readonly gate: OpenGate;
}

/**
 * Opens a data file of LMDB in such a way that no commit of another process is lost.
 *
 * The native open reads the number of the last commit from the file and writes it into the memory that all processes
 * share, without the lock of writers (`mdb_env_open2`; upstream LMDB has mended that, ITS#9496). If another process commits
 * in between, the next commit of any process overwrites that one. Therefore a process that has the file open already
 * holds the lock of writers while another opens it.
 *
 * The call blocks the thread until it is its turn, and until one of the other processes has answered.
 *
 * @param dataFile - Its absolute path, free of symbolic links.
 * @param openFile - The native open, which takes no lock and begins no transaction. Its argument tells whether no other
 *   process has the file open.
 * @param mode - Permissions of the files of the gate, if they are created.
 * @throws {@link StoreError} if no process answers within 10 s, or if a process of another pid namespace has the file open.
 */
export function openThroughGate<T>(
  dataFile: string,
  openFile: (isAlone: boolean) => T,
  mode: number,
  logger: Reporter,
): ThroughGate<T> {
  const { arrived, gate } = enter(dataFile, mode, logger, (directory) => {
    if (directory.turn.others().length === 0 || !waitForGuard(directory, dataFile)) {
      return { opened: openFile(true), isDoubtful: false };
    }
    const before = transactionId(dataFile);
    const opened = openFile(false);
    return { opened, isDoubtful: transactionId(dataFile) !== before };
  });
  return { ...arrived, gate };
}

/**
 * Begins to guard a data file that the application has opened by itself.
 *
 * @returns The gate, and whether other processes had the file open: what they had just committed may be lost.
 */
export function joinGate(dataFile: string, mode: number, logger: Reporter) {
  const { arrived: hasOthers, gate } = enter(dataFile, mode, logger, ({ turn }) => turn.others().length > 0);
  return { gate, hasOthers };
}
