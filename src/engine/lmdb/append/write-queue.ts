import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../../errors.ts';
import { setImmediate } from '../../../scheduling/clock.ts';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { assertOutsideTransaction } from '../../contract/outside-transactions.ts';
import { isCommitFailure, reasonOf } from '../open/commit-failure.ts';
import { isInTransaction, isOpen } from '../open/env-state.ts';
import { withRealTimers } from '../open/with-real-timers.ts';
import { untilWriterLockIsFree, wakeEverySecond } from '../open/writer-lock.ts';
import { type GroupCommit, TransactionGroup } from './transaction-group.ts';

/** Code of LMDB for a failing disk, and for a write of several pages that did not fit on a full disk. */
const EIO = 5;

/** Codes of errors after which nothing was committed, unless the commit failed while it wrote the meta page. */
const NOT_COMMITTED = new Set<unknown>([
  EIO,
  28, // ENOSPC: no room on the disk
  122, // EDQUOT: no room left for this user
  27, // EFBIG: no room in this file
  -30_792, // MDB_MAP_FULL
  -30_788, // MDB_TXN_FULL
]);

/** Time after which a pending write is reported, in milliseconds. */
const SLOW = 60_000;

/**
 * Returns whether a failed commit may be on the disk. This is possible only if the last step of the commit failed: the write
 * of the meta page. After such a failure, LMDB begins no further transaction in this environment. The function tests this
 * with an empty transaction.
 */
function isOutcomeUnknown(env: RootDatabase): boolean {
  if (isInTransaction(env)) return false; // a transaction has begun after the failure
  try {
    // The function must be empty, because lmdb-js calls it even if no transaction began, and throws only afterwards.
    env.transactionSync(() => undefined);
    return false;
  } catch {
    return true;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Queue of the writes of one environment, in the order of the calls. No write holds the writer lock across turns of the
 * event loop.
 */
export interface WriteQueue {
  /**
   * Starts a write on LMDB's thread and waits until it is durable. Writes that are started together share a commit. If the
   * outcome of a commit is unknown, every later write is rejected.
   *
   * @param write - Calls methods such as `put`, `remove` and `ifVersion`. Must not open a transaction.
   * @throws {@link StoreError} if LMDB cannot write; its cause is the error of LMDB.
   * @throws {@link InvalidRequestError} if it is called inside the work function of a transaction.
   */
  run<T>(write: () => PromiseLike<T>): Promise<T>;
  /**
   * Calls a synchronous function in a separate transaction, after all earlier writes have settled. If `work` or the commit
   * fails, the writes of `work` are not stored.
   *
   * @throws The error of `work`.
   * @throws {@link StoreError} if LMDB cannot write, see {@link run}.
   * @throws {@link InvalidRequestError} if it is called inside the work function of a transaction.
   */
  transact<T>(work: () => T): Promise<T>;
  /**
   * Calls a synchronous function in a transaction like `transact`, but functions that are requested in direct succession
   * share a commit. If another function in this commit throws, `work` can be called again.
   */
  transactInGroup<T>(work: (commit: GroupCommit) => T): Promise<T>;
  /**
   * Calls a synchronous function in one transaction, inside a write that `run` has started. Unlike `transact`, does not wait
   * for earlier writes, because the write that `run` has started is one of them.
   */
  transactWithin<T>(work: () => T): Promise<T>;
  /**
   * Returns the number of writes that were ever requested. If a later call returns a higher number, a write was requested in
   * between.
   */
  requestCount(): number;
  /** Returns whether a write is in flight. */
  isBusy(): boolean;
  /** Resolves when all writes that are in flight at the call have settled. Never rejects. */
  settled(): Promise<unknown>;
}

/**
 * Creates the queue of an environment.
 *
 * @param fileFault - Returns an error if the files of the environment can no longer be written.
 */
export function createWriteQueue(
  env: RootDatabase,
  logger: Reporter,
  fileFault: () => StoreError | undefined,
): WriteQueue {
  const inFlight = new Set<Promise<unknown>>();
  /** Error of the first commit with an unknown outcome. Every later write is rejected, with this error as the cause. */
  let poisonedBy: StoreError | undefined;
  let requestCount = 0;
  let isInWork = false;

  /** Group that the next transaction joins, unless another write is requested in between. */
  let group: TransactionGroup | undefined;
  /** Settles when the most recently requested transaction of the store has ended. */
  let transaction: Promise<unknown> | undefined;
  /**
   * Resolves when the current transaction of the application has ended. A write that starts earlier would become part of
   * this transaction.
   */
  let applicationTransaction: Promise<void> | undefined;

  const poison = (error: StoreError): StoreError => {
    poisonedBy ??= error;
    return error;
  };

  const notCommitted = (cause: unknown): StoreError => {
    const { code } = (cause ?? {}) as { readonly code?: unknown };
    const hint = code === EIO ? '; the disk is full or fails' : '';
    const error = new StoreError(`cannot commit the write: ${messageOf(cause)}${hint}`, { cause });
    return NOT_COMMITTED.has(code) && !isOutcomeUnknown(env) ? error : poison(error);
  };

  const failureOf = async (failure: unknown): Promise<StoreError> => {
    if (isCommitFailure(failure)) return notCommitted(await reasonOf(failure));
    return new StoreError(`cannot write to the environment: ${messageOf(failure)}`, { cause: failure });
  };

  const transactionEnd = async () => {
    while (isInTransaction(env)) await new Promise((resolve) => setImmediate(resolve));
    applicationTransaction = undefined;
  };
  /**
   * Returns a Promise of the end of the application's transaction; `undefined` if there is none. All waiting writes share
   * this Promise, so that no later write overtakes an earlier one.
   */
  const outsideTransactions = (): Promise<void> | undefined => {
    if (applicationTransaction === undefined && isInTransaction(env))
      applicationTransaction = transactionEnd();
    return applicationTransaction;
  };

  const assertWritable = () => {
    if (poisonedBy !== undefined) {
      throw new StoreError('cannot write: the outcome of an earlier write is unknown; reopen the store', {
        cause: poisonedBy,
      });
    }
    if (!isOpen(env)) throw new StoreError('the environment is closed');
    const fault = fileFault();
    if (fault !== undefined) throw fault;
  };

  const runDurably = async <T>(write: () => PromiseLike<T>): Promise<T> => {
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
    await runDurably(() => untilWriterLockIsFree(env));
    await outsideTransactions();
    assertWritable();
  };

  const transactWithin = async <T>(work: () => T): Promise<T> => {
    await beforeTransaction();
    return transactNow(work);
  };

  /** Counts a write as in flight from the call on, and logs a warning if the write takes longer than `SLOW`. */
  const track = <T>(written: Promise<T>): Promise<T> => {
    requestCount++;
    const stopWaking = wakeEverySecond((waited) => {
      if (waited !== SLOW) return;
      logger.warn(
        `a write has been pending for ${SLOW / 1000} s: the disk or another writing process blocks it`,
      );
    });
    const tracked = written.finally(() => {
      stopWaking();
      inFlight.delete(tracked);
    });
    inFlight.add(tracked);
    return tracked;
  };

  const start = async <T>(write: () => PromiseLike<T>): Promise<T> => {
    if (transaction !== undefined) await transaction;
    await outsideTransactions();
    return runDurably(write);
  };

  /**
   * Commits the work functions of a group until all of them have settled, including functions that join the group in the
   * meantime.
   */
  const commitGroup = async (own: TransactionGroup, earlier: readonly Promise<unknown>[]): Promise<void> => {
    await Promise.allSettled(earlier);
    await outsideTransactions();
    try {
      while (!own.isSettled) {
        await beforeTransaction();
        own.commitSome(transactNow);
      }
    } catch (error) {
      own.fail(error);
    } finally {
      if (group === own) group = undefined;
    }
  };
  const joinGroup = <T>(work: (commit: GroupCommit) => T): Promise<T> => {
    if (group !== undefined) return group.add(work);
    group = new TransactionGroup();
    const result = group.add(work);
    void commitGroup(group, [...inFlight]);
    return result;
  };

  const transactInGroup = async <T>(work: (commit: GroupCommit) => T): Promise<T> => {
    assertOutsideTransaction(isInWork);
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
  };

  return {
    async run(write) {
      assertOutsideTransaction(isInWork);
      group = undefined;
      return track(start(write));
    },
    transact(work) {
      group = undefined;
      const result = transactInGroup(work);
      group = undefined;
      return result;
    },
    transactInGroup,
    transactWithin,
    requestCount: () => requestCount,
    isBusy: () => inFlight.size > 0,
    settled: () => Promise.allSettled(inFlight),
  };
}
