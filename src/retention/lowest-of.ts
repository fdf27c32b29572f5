/**
 * Returns the lowest of some numbers and a bound. A loop: a spread into the arguments of `Math.min` overflows the stack at
 * about 130 000 numbers.
 */
export function lowestOf(numbers: Iterable<number>, bound = Number.POSITIVE_INFINITY): number {
  let lowest = bound;
  for (const number of numbers) if (number < lowest) lowest = number;
  return lowest;
}
