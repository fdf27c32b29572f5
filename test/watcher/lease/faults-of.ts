import { faultPaths } from '../../../src/testing/conformance/support/fault-paths.ts';

/** Returns the distinct paths of the faults for which a call is rejected. */
export function faultsOf(call: () => unknown): readonly string[] {
  try {
    call();
  } catch (error) {
    return [...new Set(faultPaths(error))].sort();
  }
  return [];
}
