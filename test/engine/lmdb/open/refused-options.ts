import { InvalidOptionsError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect } from 'vitest';

/** Returns the sorted paths of the faults of options. Throws if the options are valid. */
export const faultsOf = (options: unknown): readonly string[] => {
  try {
    openLmdbStore(options as never);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as InvalidOptionsError).faults.map(({ path }) => path).sort();
  }
  throw new Error('the options are valid');
};
