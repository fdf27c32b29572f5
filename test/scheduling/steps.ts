import type { Step } from '../../src/scheduling/step.ts';

/** Returns the `begin` function of a pull loop of the given steps, and `requested`, the times of the requests for steps. */
export function steps<T>(list: readonly Step<T>[], now: () => number = () => 0) {
  const requested: number[] = [];
  const begin = () => (): Step<T> => {
    requested.push(now());
    return list[requested.length - 1];
  };
  return { begin, requested };
}
