/** Repeatedly opens the file, appends, stores checkpoints and closes the file. */
export async function reopen({ id, random, journal, openOften, openStore, openApplication, append }) {
  const watcherId = `reopen-${id}`;
  const open = () => (random.oneIn(4) ? openApplication() : openStore());
  await openOften(open, async ({ store }) => {
    for (let n = random.between(1, 3); n > 0; n--) {
      const events = await append(store, random.oneIn(2) ? random.between(2, 60) : 1);
      const { seqNum } = events.at(-1);
      await store.storeCheckpoint(watcherId, seqNum);
      journal.note('checkpoint', watcherId, seqNum);
    }
  });
}
