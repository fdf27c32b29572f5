/** Writes `total` times, `writers` at once: each begins anew when its own was acknowledged. */
export async function inFlight(writers, total, write) {
  let next = 0;
  const writer = async () => {
    while (next < total) await write(next++);
  };
  await Promise.all(Array.from({ length: writers }, writer));
}
