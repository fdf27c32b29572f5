import { faultPaths } from '../../../src/testing/conformance/support/fault-paths.ts';

/** The paths of what a call was refused for, each once. */
export function faultsOf(call: () => unknown): readonly string[] {
  try {
    call();
  } catch (error) {
    return [...new Set(faultPaths(error))].sort();
  }
  return [];
}
