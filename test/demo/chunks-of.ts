/** A stream of bytes, cut at the given places; those beyond its end do not count. */
export async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [...new Set([0, ...cuts, bytes.length])].filter((place) => place <= bytes.length);
  places.sort((a, b) => a - b);
  for (const [index, begin] of places.entries()) yield bytes.subarray(begin, places[index + 1]);
}
