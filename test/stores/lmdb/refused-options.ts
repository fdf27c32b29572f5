import { InvalidOptionsError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect } from 'vitest';
import type { Wrong } from '../../../src/testing/conformance/wrong-arguments.ts';

/** The paths of all that is wrong with options, sorted; options that are not refused are a failure. */
export const faultsOf = (options: Wrong): readonly string[] => {
  try {
    openLmdbStore(options);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as InvalidOptionsError).faults.map(({ path }) => path).sort();
  }
  throw new Error('expected the options to be refused');
};
