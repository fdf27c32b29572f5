/** A figure of less work than was asked for is none: ends the run. */
export function expectCount(what, seen, expected) {
  if (seen !== expected) throw new Error(`${what}: expected ${expected}, saw ${seen}`);
}
