import { realNow } from '../../../scheduling/clock.ts';

/** Time after which no further work function starts in the same transaction, in milliseconds. */
const SLICE = 8;

/** Commit that the work functions of several transactions share. */
export interface GroupCommit {
  /**
   * Adds a function that writes inside the transaction, after the last work function of the commit. Work functions therefore
   * cannot read these writes, which a later work function could still roll back.
   */
  beforeEnd(write: () => void): void;
}

/** Synchronous function that waits for its transaction. */
interface WaitingWork {
  readonly work: (commit: GroupCommit) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Transactions that were requested in direct succession, and that share commits and thus flushes of the disk. Each
 * transaction is durable when its Promise resolves.
 */
export class TransactionGroup {
  readonly #waiting: WaitingWork[] = [];
  /**
   * Maximum number of work functions in the next commit. After a rollback, this is the number of functions before the
   * function that has thrown.
   */
  #limit = Number.POSITIVE_INFINITY;

  /** Adds a work function at the end of the group. The function is called again if a later one in the same commit throws. */
  add<T>(work: (commit: GroupCommit) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject });
    });
  }

  /** Whether all work functions have settled. */
  get isSettled(): boolean {
    return this.#waiting.length === 0;
  }

  /** Rejects the Promises of all waiting work functions with an error. */
  fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /**
   * Calls waiting work functions in one transaction, for about 8 ms.
   *
   * If a function throws, its Promise is rejected and the transaction is rolled back. The next call of `commitSome` then
   * calls the functions before that function again.
   *
   * @param transact - Calls a function in one transaction, and rethrows the error of the function or of the commit.
   */
  commitSome(transact: (work: () => void) => void): void {
    const end = realNow() + SLICE;
    const results: unknown[] = [];
    let isThrown = false;
    try {
      transact(() => {
        const writes: (() => void)[] = [];
        const commit: GroupCommit = { beforeEnd: (write) => void writes.push(write) };
        for (const { work } of this.#waiting) {
          if (results.length === this.#limit || (results.length > 0 && realNow() >= end)) break;
          try {
            results.push(work(commit));
          } catch (error) {
            isThrown = true;
            throw error;
          }
        }
        for (const write of writes) write();
      });
    } catch (error) {
      // If a work function threw, only that function is rejected. If the commit failed, all work functions in it are
      // rejected. If no transaction began, only the first work function is rejected.
      const [first, count] = isThrown ? [results.length, 1] : [0, Math.max(1, results.length)];
      for (const { reject } of this.#waiting.splice(first, count)) reject(error);
      this.#limit = isThrown && results.length > 0 ? results.length : Number.POSITIVE_INFINITY;
      return;
    }
    this.#limit = Number.POSITIVE_INFINITY;
    for (const [index, { resolve }] of this.#waiting.splice(0, results.length).entries()) {
      resolve(results[index]);
    }
  }
}
