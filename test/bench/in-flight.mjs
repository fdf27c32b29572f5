/** Writes `total` times from `writers` concurrent writers. Each starts its next write when the last one is acknowledged. */
export async function inFlight(writers, total, write) {
  let next = 0;
  const writer = async () => {
    while (next < total) await write(next++);
  };
  await Promise.all(Array.from({ length: writers }, writer));
}
