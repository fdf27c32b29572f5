/** Call of `whenProcessed` that waits for its event. */
interface Waiter {
  readonly seqNum: number;
  readonly onProgress: () => void;
}

/**
 * Events that calls of `whenProcessed` wait for. Each processed event is compared only with the lowest awaited number,
 * because a call of each waiter at each event would cost as much as a fast handler.
 */
export class AwaitedEvents {
  /** Created for the first waiter, so that idle watchers do not keep an empty set in memory. */
  #waiters: Set<Waiter> | undefined;
  #lowest = Number.POSITIVE_INFINITY;

  /** Adds a waiter. Returns the function that removes this waiter. */
  add(seqNum: number, onProgress: () => void): () => void {
    const waiter = { seqNum, onProgress };
    this.#waiters ??= new Set();
    const waiters = this.#waiters.add(waiter);
    this.#lowest = Math.min(this.#lowest, seqNum);
    return () => {
      waiters.delete(waiter);
      if (seqNum > this.#lowest) return;
      this.#lowest = Number.POSITIVE_INFINITY;
      for (const other of waiters) this.#lowest = Math.min(this.#lowest, other.seqNum);
    };
  }

  /** Calls the waiters of events up to `seqNum`. */
  reached(seqNum: number): void {
    if (seqNum < this.#lowest) return;
    for (const waiter of [...(this.#waiters ?? [])]) if (waiter.seqNum <= seqNum) waiter.onProgress();
  }
}
