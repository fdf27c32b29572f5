import { InvalidOptionsError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect } from 'vitest';

/** The paths of all that is wrong with options, sorted; options that are not refused are a failure. */
export const faultsOf = (options: unknown): readonly string[] => {
  try {
    openLmdbStore(options as never);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as InvalidOptionsError).faults.map(({ path }) => path).sort();
  }
  throw new Error('expected the options to be refused');
};
