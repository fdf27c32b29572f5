/** Compares names by their characters' numbers: the same order on every machine, in every language. */
export function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
