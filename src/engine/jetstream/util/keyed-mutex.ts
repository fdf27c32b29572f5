/**
 * Does one work after another, for each key in the order of the calls; works of different keys at the same time.
 */
export interface KeyedMutex {
  /** Does this when all works of the key that were given before have ended. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** Makes one. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const before = last.get(key) ?? Promise.resolve();
      const result = before.then(work, work);
      last.set(key, result);
      const forget = () => {
        if (last.get(key) === result) last.delete(key);
      };
      result.then(forget, forget);
      return result;
    },
    async settled() {
      await Promise.allSettled(last.values());
    },
  };
}
