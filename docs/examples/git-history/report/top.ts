/**
 * The first values of a stream in an order, of which no more than `count` are ever held.
 *
 * @returns Them, sorted, and how many values there were.
 */
export function top<T>(
  values: Iterable<T>,
  count: number,
  compare: (a: T, b: T) => number,
): { first: readonly T[]; total: number } {
  const first: T[] = [];
  let total = 0;
  for (const value of values) {
    total++;
    const last = first.at(-1);
    if (first.length === count && last !== undefined && compare(value, last) >= 0) continue;
    const before = first.findIndex((other) => compare(value, other) < 0);
    first.splice(before < 0 ? first.length : before, 0, value);
    if (first.length > count) first.pop();
  }
  return { first, total };
}
