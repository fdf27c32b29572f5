import { realNow } from '../../../scheduling/clock.ts';

/** Time after which no further work of a group begins in the same transaction, in milliseconds. */
const SLICE = 8;

/** Synchronous work that waits for its transaction. */
interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Works that were requested in a row, each a separate transaction for its caller. They share commits, and therefore
 * flushes of the disk. Each is durable when its Promise resolves.
 */
export class TransactionGroup {
  readonly #waiting: Waiting[] = [];
  /** Number of works that the next transaction does at most: after a rollback those that did not throw. */
  #limit = Number.POSITIVE_INFINITY;

  /** Adds a work after the others. It may be called again, after a commit of several was rolled back. */
  add<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject });
    });
  }

  /** Whether all works have settled. */
  get isDone(): boolean {
    return this.#waiting.length === 0;
  }

  /** Rejects all works that wait. */
  fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /**
   * Does as many works in one transaction as a slice of the event loop has time for.
   *
   * If one throws, it is rejected, and none of them is stored: the next call does those before it again.
   *
   * @param transact - Does work in one transaction, and throws what the work or the commit throws.
   */
  commitSome(transact: (work: () => void) => void): void {
    const end = realNow() + SLICE;
    const results: unknown[] = [];
    let isThrown = false;
    try {
      transact(() => {
        for (const { work } of this.#waiting) {
          if (results.length === this.#limit || (results.length > 0 && realNow() >= end)) break;
          try {
            results.push(work());
          } catch (error) {
            isThrown = true;
            throw error;
          }
        }
      });
    } catch (error) {
      // If the commit failed, or nothing was begun, that concerns all that it was to store.
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
