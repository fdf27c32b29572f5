/** Keeps the file open and appends single events and batches concurrently. */
export async function stay({ random, isOver, openStore, openApplication, append, pause }) {
  const opened = random.oneIn(3) ? openApplication() : openStore();
  if (opened === undefined) return;
  const writer = async () => {
    while (!isOver()) {
      await append(opened.store, random.oneIn(3) ? random.between(2, 50) : 1);
      if (random.oneIn(3)) await pause();
    }
  };
  await Promise.all(Array.from({ length: random.between(1, 6) }, writer));
  await opened.close();
}
