import type { Step } from '../../src/scheduling/pull-loop.ts';

/** The beginning of a loop that takes these steps and then ends; `asked` has the moments at which it was asked for one. */
export function steps<T>(list: readonly Step<T>[], now: () => number = () => 0) {
  const asked: number[] = [];
  const begin = () => (): Step<T> => {
    asked.push(now());
    return list[asked.length - 1];
  };
  return { begin, asked };
}
