import type { Step } from '../../src/scheduling/pull-loop.ts';

/** Returns a pull loop of the given steps. `requested` has the time of each request for a step. */
export function steps<T>(list: readonly Step<T>[], now: () => number = () => 0) {
  const requested: number[] = [];
  const begin = () => (): Step<T> => {
    requested.push(now());
    return list[requested.length - 1];
  };
  return { begin, requested };
}
