import type { RootDatabase } from 'lmdb';
import { InvalidRequestError, StoreError } from '../../../errors.ts';
import { clearTimeout, setImmediate, setTimeout } from '../../../scheduling/clock.ts';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { isInTransaction, isOpen } from '../open/env-state.ts';
import { TransactionGroup } from './transaction-group.ts';
import { withRealTimers } from './with-real-timers.ts';

/** What lmdb-js rejects with: the reason is a Promise, which ends the process if nothing handles it. */
interface CommitFailure {
  readonly commitError: Promise<never>;
}

const isCommitFailure = (failure: unknown): failure is CommitFailure =>
  failure instanceof Error && 'commitError' in failure;

/** Code of a write that was cut short because the disk is full, and of a disk that fails: LMDB does not tell them apart. */
const EIO = 5;

/** Codes of LMDB and of the system after which nothing was committed, if the meta page was not being written. */
const UNDONE = new Set<unknown>([
  EIO,
  28, // ENOSPC: no room on the disk
  122, // EDQUOT: no room left for this user
  27, // EFBIG: no room in this file
  -30_792, // MDB_MAP_FULL
  -30_788, // MDB_TXN_FULL
]);

/** Time after which a write that has not ended is reported, in milliseconds. */
const SLOW = 60_000;

/** Any key: the empty condition on it has LMDB's thread take the lock of writers and release it again. */
const NO_KEY = 'rx-watcher';

async function reasonOf(failure: CommitFailure): Promise<unknown> {
  try {
    return await failure.commitError;
  } catch (reason) {
    return reason;
  }
}

/**
 * Returns whether a commit that failed may be on the disk: only if it failed at the meta page, its last step. LMDB begins no
 * transaction in this environment after that. The work is empty, because lmdb-js runs it all the same and fails later.
 */
function isDoubtful(env: RootDatabase): boolean {
  if (isInTransaction(env)) return false; // one that began after the failure
  try {
    env.transactionSync(() => undefined);
    return false;
  } catch {
    return true;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Writes of one environment, in the order of the calls. No write holds LMDB's lock across a turn of the event loop. */
export interface WriteQueue {
  /**
   * Starts a write on LMDB's own thread and waits until it is durable. Writes that are started together share a commit.
   *
   * @param write - Calls `put`, `remove`, `ifVersion` and the like; it must not open a transaction.
   * @throws {@link StoreError} with the engine's error as its cause. If the outcome of a commit is unknown, every later
   *   write is rejected.
   * @throws {@link InvalidRequestError} if it is called from inside the work of a transaction.
   */
  run<T>(write: () => PromiseLike<T>): Promise<T>;
  /**
   * Does synchronous work in one transaction, after all earlier writes: they have settled when it begins. Works that are
   * requested in a row share a commit; if another of them throws, this one may be called again.
   *
   * @throws What the work throws; then nothing of it is stored.
   * @throws {@link StoreError} as `run` does.
   */
  transact<T>(work: () => T): Promise<T>;
  /** Does the same at once, from inside a write that `run` has started. */
  transactWithin<T>(work: () => T): Promise<T>;
  /** Number of writes that were requested. */
  asked(): number;
  /** Whether a write is in flight. */
  isBusy(): boolean;
  /** Resolves when no write is in flight. */
  settled(): Promise<unknown>;
}

/**
 * Creates the queue of an environment.
 *
 * @param fileFault - Returns why the files of the environment can no longer be written, if they cannot.
 */
export function createWriteQueue(
  env: RootDatabase,
  logger: Reporter,
  fileFault: () => StoreError | undefined,
): WriteQueue {
  const inFlight = new Set<Promise<unknown>>();
  let broken: StoreError | undefined;
  let asked = 0;
  let isInWork = false;

  /** Works that the next one joins, if nothing else is requested in between. */
  let group: TransactionGroup | undefined;
  /** Settles when the last transaction of the store that was requested is over. */
  let transaction: Promise<unknown> | undefined;
  /** Resolves when the application's transaction, in which a write would take part, is over. */
  let outside: Promise<void> | undefined;

  const poison = (error: StoreError): StoreError => {
    broken ??= error;
    return error;
  };

  const notCommitted = (cause: unknown): StoreError => {
    const { code } = (cause ?? {}) as { readonly code?: unknown };
    const hint = code === EIO ? '; the disk is full, or it fails' : '';
    const error = new StoreError(`the write was not committed: ${messageOf(cause)}${hint}`, { cause });
    return UNDONE.has(code) && !isDoubtful(env) ? error : poison(error);
  };

  const failureOf = async (failure: unknown): Promise<StoreError> => {
    if (isCommitFailure(failure)) return notCommitted(await reasonOf(failure));
    return new StoreError(`the write was not made: ${messageOf(failure)}`, { cause: failure });
  };

  const noTransaction = async () => {
    while (isInTransaction(env)) await new Promise((resolve) => setImmediate(resolve));
    outside = undefined;
  };
  /** All writes that wait for the application's transaction go on together, so that a later one cannot overtake them. */
  const outsideTransactions = (): Promise<void> | undefined => {
    if (outside === undefined && isInTransaction(env)) outside = noTransaction();
    return outside;
  };

  const assertWritable = () => {
    if (broken !== undefined) {
      throw new StoreError('the outcome of an earlier write is not known: reopen the store', {
        cause: broken,
      });
    }
    if (!isOpen(env)) throw new StoreError('the environment is closed');
    const fault = fileFault();
    if (fault !== undefined) throw fault;
  };

  const committed = async <T>(write: () => PromiseLike<T>): Promise<T> => {
    assertWritable();
    try {
      return await withRealTimers(write);
    } catch (failure) {
      if (failure instanceof StoreError) throw failure;
      throw await failureOf(failure);
    }
  };

  const transactNow = <T>(work: () => T): T => {
    let thrown: { readonly error: unknown } | undefined;
    try {
      return env.transactionSync(() => {
        isInWork = true;
        try {
          return work();
        } catch (error) {
          thrown = { error };
          throw error;
        } finally {
          isInWork = false;
        }
      });
    } catch (error) {
      throw thrown === undefined ? notCommitted(error) : thrown.error;
    }
  };

  const beforeTransaction = async (): Promise<void> => {
    assertWritable();
    // LMDB's thread waits for the lock of writers: another process may keep it for longer than the event loop may stand.
    await committed(() => env.ifNoExists(NO_KEY, () => undefined));
    await outsideTransactions();
    assertWritable();
  };

  const transactWithin = async <T>(work: () => T): Promise<T> => {
    await beforeTransaction();
    return transactNow(work);
  };

  /** Counts as in flight from the call on, and reports a write that takes long. */
  const track = <T>(written: Promise<T>): Promise<T> => {
    asked++;
    const timer = setTimeout(() => {
      logger.warn(
        `a write has not ended for ${SLOW / 1000} s: the disk, or another process that writes, holds it up`,
      );
    }, SLOW).unref();
    const tracked = written.finally(() => {
      clearTimeout(timer);
      inFlight.delete(tracked);
    });
    inFlight.add(tracked);
    return tracked;
  };

  const start = async <T>(write: () => PromiseLike<T>): Promise<T> => {
    if (transaction !== undefined) await transaction;
    await outsideTransactions();
    return committed(write);
  };

  /** Does the works of a group, also those that join it meanwhile. */
  const commitGroup = async (own: TransactionGroup, earlier: readonly Promise<unknown>[]): Promise<void> => {
    await Promise.allSettled(earlier);
    await outsideTransactions();
    try {
      while (!own.isDone) {
        await beforeTransaction();
        own.commitSome(transactNow);
      }
    } catch (error) {
      own.fail(error);
    } finally {
      if (group === own) group = undefined;
    }
  };
  const joinGroup = <T>(work: () => T): Promise<T> => {
    if (group !== undefined) return group.add(work);
    group = new TransactionGroup();
    const result = group.add(work);
    void commitGroup(group, [...inFlight]);
    return result;
  };

  const assertOutside = () => {
    if (!isInWork) return;
    const message = 'expected no write of the store; use the functions that the work is given';
    throw new InvalidRequestError([{ path: 'work', message }]);
  };

  return {
    async run(write) {
      assertOutside();
      group = undefined;
      return track(start(write));
    },
    async transact(work) {
      assertOutside();
      const own = track(joinGroup(work));
      const over = own.then(
        () => undefined,
        () => undefined,
      );
      transaction = over;
      void over.then(() => {
        if (transaction === over) transaction = undefined;
      });
      return own;
    },
    transactWithin,
    asked: () => asked,
    isBusy: () => inFlight.size > 0,
    settled: () => Promise.allSettled(inFlight),
  };
}
