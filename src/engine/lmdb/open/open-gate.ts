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
import { reasonOf } from './commit-failure.ts';
import { isOpen } from './env-state.ts';
import { OpeningTurn, sleep } from './opening-turn.ts';
import { pidNamespace } from './pid-namespace.ts';
import { untilWriterLockIsFree, wakeEverySecond } from './writer-lock.ts';

/** Maximum time to wait for the answer of a process that has the file open, in milliseconds. */
const ANSWER_TIMEOUT = 10_000;

/** Time after which a request without an answer is repeated, in milliseconds. */
const REQUEST_INTERVAL = 250;

/** Time between two checks for an answer, in milliseconds. */
const POLL_INTERVAL = 0.5;

/** Time after which a guard is considered dead if it has not taken its turn, in milliseconds. */
const GUARD_TIMEOUT = 2000;

/** Membership of a thread in the gate of a data file that it has open. */
export interface OpenGate {
  /** Makes this thread a guard, which holds the writer lock of `env` whenever another process opens the file. */
  guardWith(env: RootDatabase): void;
  /**
   * Ends the membership. Must be called when the environment is closed: other processes that open the file would otherwise
   * wait for an answer of this thread.
   */
  leave(): Promise<void>;
}

/**
 * Guards of this thread, one per gate. While this thread waits at one gate, it must answer requests at its other gates.
 * Otherwise, two threads could wait for each other.
 */
const guards = new Set<() => void>();

/**
 * Empty file with a number as its message. The number is the modification time of the file, in seconds. This time is set and
 * read atomically, and needs no room for data on the disk. A change of it wakes the processes that watch the file.
 */
class SignalFile {
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

function createDirectory(path: string, mode: number): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(path, { mode: directoryMode(mode) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process has created the directory
  }
}

/**
 * Opening turns of this thread. lmdb-js closes the environments of these turns when the thread exits. The last thread that
 * has a data file open must therefore end the generation of its turn before it exits.
 */
const turns = new Set<OpeningTurn>();

process.on('exit', () => {
  for (const turn of turns) if (turn.threads().length <= 1) turn.end();
});

/**
 * Opens the directory, next to the data file, that the processes at a gate share. A process that opens the data file writes
 * a random number to `request`. The guard copies this number to `grant` when it holds the writer lock, and to `passed`
 * before it releases the lock.
 */
function openGateDirectory(dataFile: string, mode: number) {
  const directory = `${dataFile}-gate`;
  createDirectory(directory, mode);
  return {
    mode,
    turn: new OpeningTurn(directory, mode),
    request: new SignalFile(join(directory, 'request'), mode),
    grant: new SignalFile(join(directory, 'grant'), mode),
    passed: new SignalFile(join(directory, 'passed'), mode),
    namespaceFile: join(directory, 'pid-namespace'),
  };
}

type GateDirectory = ReturnType<typeof openGateDirectory>;

/**
 * Throws an error if a process of another pid namespace has the file open. LMDB identifies the processes that share a file
 * by their ids, which are not unique across pid namespaces.
 */
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
 * Blocks the thread until another process holds the writer lock as a guard.
 *
 * @returns Whether another process holds the lock. If this is `false`, no other process has the file open any more.
 * @throws {@link StoreError} if no process answers within 10 s.
 */
function waitForGuard({ turn, request, grant, passed }: GateDirectory, dataFile: string): boolean {
  const message = randomInt(1, 2 ** 31);
  const begin = realNow();
  let requested = Number.NEGATIVE_INFINITY;
  for (;;) {
    // An answer to the request of an earlier process, which may have died, is valid, too: the guard that answered holds the
    // lock until the current turn ends.
    if (grant.get() !== passed.get()) return true;
    const others = turn.others();
    if (others.length === 0) return false;
    const waited = realNow() - begin;
    if (waited >= ANSWER_TIMEOUT) {
      throw new StoreError(
        `cannot open '${dataFile}': the processes that have it open (pid ${others.join(', ')}) did not answer within ${ANSWER_TIMEOUT / 1000} s; make sure that the event loop of one of them is not blocked`,
      );
    }
    if (waited - requested >= REQUEST_INTERVAL) {
      request.set(message);
      requested = waited;
    }
    for (const guard of guards) guard();
    sleep(POLL_INTERVAL);
  }
}

/**
 * Waits until this process has the opening turn, and calls a function. The wait blocks the thread.
 *
 * The guard of the previous opening takes the turn before this process, because that guard holds the writer lock until it
 * has had the turn. A guard that does not take the turn within `GUARD_TIMEOUT` is considered dead.
 */
function withTurn<T>({ turn, grant, passed }: GateDirectory, work: () => T): T {
  let pendingGrant = 0;
  let since = 0;
  const hasGuardFinished = (): boolean => {
    const granted = grant.get();
    if (granted === passed.get()) return true;
    const now = realNow();
    if (granted !== pendingGrant) [pendingGrant, since] = [granted, now];
    if (now - since < GUARD_TIMEOUT) return false;
    // The guard has ended or is blocked. Mark its turn as finished, so that no process waits for it again.
    passed.set(granted);
    return true;
  };
  for (;;) {
    const outcome = turn.env.transactionSync(() => (hasGuardFinished() ? { result: work() } : undefined));
    if (outcome !== undefined) return outcome.result;
    sleep(POLL_INTERVAL);
  }
}

/** Enters a gate as a guard. Calls `onTurn` once, when this process has the opening turn. */
function enter<T>(dataFile: string, mode: number, logger: Reporter, onTurn: (directory: GateDirectory) => T) {
  let env: RootDatabase | undefined;
  let outcome: { readonly result: T } | undefined;

  const guardAt = ({ turn, request, grant, passed }: GateDirectory) => {
    const message = request.get();
    if (message === grant.get() || env === undefined || !isOpen(env)) return;
    env.transactionSync(() => {
      if (request.get() !== message || grant.get() === message) return;
      grant.set(message);
      // Wait for the turn while holding the writer lock: the opening process has the turn until it has opened the file or
      // has exited.
      turn.env.transactionSync(() => passed.set(message));
    });
  };
  const report = (error: unknown) =>
    logger.error(
      `cannot let another process open '${dataFile}': ${textOf(error)}`,
      'RX_WATCHER_OPENING_BLOCKED',
    );
  const tryGuardAt = (directory: GateDirectory) => {
    try {
      guardAt(directory);
    } catch (error) {
      report(error);
    }
  };

  let isWaiting = false;
  /**
   * Answers a request when the writer lock is free. Waits without blocking the event loop, because another process may hold
   * the lock for a long time. A blocked event loop also could not wake threads that still wait although the lock is already
   * free.
   */
  const guardWhenFreeAt = async (directory: GateDirectory) => {
    if (isWaiting || env === undefined || !isOpen(env)) return;
    isWaiting = true;
    const stopWaking = wakeEverySecond();
    try {
      if (directory.request.get() === directory.grant.get()) return;
      await untilWriterLockIsFree(env);
      guardAt(directory);
    } catch (failure) {
      const reason = await reasonOf(failure);
      if (isOpen(env)) report(reason);
    } finally {
      stopWaking();
      isWaiting = false;
    }
  };

  /** Returns the gate; `undefined` if other processes already use a newer generation of the turn. */
  const tryEnter = (directory: GateDirectory): OpenGate | undefined => {
    const { turn, request } = directory;
    const guard = () => tryGuardAt(directory);
    const entered = withTurn(directory, () => {
      if (!turn.isCurrent()) return undefined;
      assertSameNamespace(directory, dataFile);
      outcome ??= { result: onTurn(directory) };
      // Watch the file before the next process has the turn, so that the request of that process is not missed.
      const watcher = watch(request.path, { persistent: false }, () => void guardWhenFreeAt(directory));
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
        // End the membership before the wait for the turn: the process that has the turn may wait for an answer of this
        // process.
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
      return { result: (outcome as unknown as { readonly result: T }).result, gate };
    }
    void (gate ? gate.leave() : directory.turn.close());
  }
}

export interface GatedOpening<T> {
  /** Result of `openFile`. */
  readonly opened: T;
  /** Whether a commit of another process may be lost, because the guard ended during the opening. */
  readonly mayHaveLostCommit: boolean;
  /** Membership in the gate. Until its `guardWith` or `leave` is called, other processes may wait for this thread. */
  readonly gate: OpenGate;
}

/**
 * Opens an LMDB file without losing a commit of another process.
 *
 * The native open reads the number of the last commit from the file, and writes this number into the shared memory of all
 * processes. It does so without the writer lock (`mdb_env_open2`; fixed in upstream LMDB, ITS#9496). If another process
 * commits between the read and the write, the next commit of any process overwrites that commit. One of the processes that
 * have the file open therefore acts as a guard, which holds the writer lock during the opening.
 *
 * The call blocks the thread until this process has the turn and one of the other processes has answered.
 *
 * @param dataFile - Absolute path without symbolic links.
 * @param openFile - Native open, which must not acquire a lock or begin a transaction. Its argument is `true` if no other
 *   process has the file open.
 * @param mode - Permissions of the created files of the gate.
 * @throws {@link StoreError} if no process answers within 10 s.
 * @throws {@link StoreError} if a process of another pid namespace has the file open.
 */
export function openThroughGate<T>(
  dataFile: string,
  openFile: (isAlone: boolean) => T,
  mode: number,
  logger: Reporter,
): GatedOpening<T> {
  const { result, gate } = enter(dataFile, mode, logger, (directory) => {
    if (directory.turn.others().length === 0 || !waitForGuard(directory, dataFile)) {
      return { opened: openFile(true), mayHaveLostCommit: false };
    }
    const before = transactionId(dataFile);
    const opened = openFile(false);
    return { opened, mayHaveLostCommit: transactionId(dataFile) !== before };
  });
  return { ...result, gate };
}

/**
 * Enters the gate of a data file that the application has opened itself.
 *
 * @returns The gate, and whether other processes have the file open. If so, their latest commits may be lost.
 */
export function joinGate(dataFile: string, mode: number, logger: Reporter) {
  const { result: hasOthers, gate } = enter(dataFile, mode, logger, ({ turn }) => turn.others().length > 0);
  return { gate, hasOthers };
}
