/** Returns a generator of pseudorandom numbers (mulberry32). Equal seeds give equal numbers. */
export function createRandom(seed) {
  let state = seed >>> 0;

  /** Returns an integer from 0 to `limit - 1`. */
  const below = (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    /** Returns an integer from `least` through `most`. */
    between: (least, most) => least + below(most - least + 1),
    pick: (values) => values[below(values.length)],
    /** Returns true with the probability 1 / `times`. */
    oneIn: (times) => below(times) === 0,
  };
}
