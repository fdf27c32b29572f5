/** Appends and collects garbage in turn, and reopens the file after some turns. */
export async function collect({ keep, random, journal, isOver, openOften, openStore, append, pause }) {
  const open = () => openStore({ retention: { maxEvents: keep } });
  await openOften(open, async ({ store }) => {
    for (let n = random.between(1, 10); n > 0 && !isOver(); n--) {
      await append(store, random.between(1, 100));
      const { deleted } = await store.collectGarbage();
      journal.note('deleted', deleted);
      await pause(100);
    }
  });
}
