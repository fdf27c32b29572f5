/** Number of letters to add, drop or change to make one name of another; upper and lower case are the same. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one.toLowerCase()].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const isSame = other[column - 1]?.toLowerCase() === letter;
      const changed = (row[column - 1] as number) + (isSame ? 0 : 1);
      next.push(Math.min(changed, (row[column] as number) + 1, (next[column - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}

/** Returns the known name that a mistyped one probably stands for; `undefined` if none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const [first] = known
    .map((candidate) => ({ candidate, far: distance(name, candidate) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.far - b.far);
  return first?.candidate;
}
