/** Throws an error unless a benchmark has done the expected number of steps. */
export function expectCount(what, seen, expected) {
  if (seen !== expected) throw new Error(`${what}: expected ${expected}, saw ${seen}`);
}
