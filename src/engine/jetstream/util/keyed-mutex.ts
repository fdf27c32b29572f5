/**
 * Mutex with keys. Tasks with the same key run sequentially, in the order of the calls. Tasks with different keys run
 * concurrently.
 */
export interface KeyedMutex {
  /** Runs a task after all earlier tasks with this key have settled. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Resolves when all tasks that were passed before this call have settled. */
  settled(): Promise<void>;
}

/** Creates a mutex. Equal keys of two mutexes are independent. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return {
    run(key, task) {
      const previous = last.get(key) ?? Promise.resolve();
      const result = previous.then(task, task);
      last.set(key, result);
      const remove = () => {
        if (last.get(key) === result) last.delete(key);
      };
      result.then(remove, remove);
      return result;
    },
    async settled() {
      await Promise.allSettled(last.values());
    },
  };
}
