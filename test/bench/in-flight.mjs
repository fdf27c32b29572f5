/**
 * Writes `total` times from `writers` concurrent writers. Each writer starts its next write when its previous write is
 * acknowledged.
 */
export async function inFlight(writers, total, write) {
  let next = 0;
  const writer = async () => {
    while (next < total) await write(next++);
  };
  await Promise.all(Array.from({ length: writers }, writer));
}
