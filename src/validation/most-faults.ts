import type { Fault } from '../errors.ts';

/** Maximum number of faults that an error lists; the others are counted. */
export const MOST_FAULTS = 100;

/** Returns faults as an error lists them: the first hundred, and under `path` the number of the others. */
export const listedFaults = (
  first: readonly Fault[],
  path: string,
  count = first.length,
): readonly Fault[] => {
  if (count <= MOST_FAULTS) return first;
  const others = { path, message: `has ${count - MOST_FAULTS} more faults, which are not listed` };
  return [...first.slice(0, MOST_FAULTS), others];
};
