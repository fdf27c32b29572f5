/** Throws if less work happened than the figure claims. */
export function expectCount(what, seen, expected) {
  if (seen !== expected) throw new Error(`${what}: expected ${expected}, saw ${seen}`);
}
