/** Returns the edit distance between two names: the minimum number of characters to add, remove or change. Ignores case. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of [...one.toLowerCase()].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const isSame = other[column - 1]?.toLowerCase() === character;
      const changed = (row[column - 1] as number) + (isSame ? 0 : 1);
      next.push(Math.min(changed, (row[column] as number) + 1, (next[column - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}

/** Returns whether a name is an abbreviation, such as `obj` of `object`. */
const abbreviates = (name: string, candidate: string): boolean =>
  name.length > 2 && candidate.toLowerCase().startsWith(name.toLowerCase());

/** Returns the known name that is most similar to a mistyped one; `undefined` if no name is similar. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const [first] = known
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .filter(
      ({ candidate, edits }) =>
        edits <= Math.max(1, Math.floor(candidate.length / 3)) || abbreviates(name, candidate),
    )
    .sort((a, b) => a.edits - b.edits);
  return first?.candidate;
}
