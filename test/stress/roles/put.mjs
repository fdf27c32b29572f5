/** Writes to the tables of an application. In half of the processes, a store in the same environment also appends events. */
export async function put({ random, journal, isOver, openApplication, nextId, append, pause }) {
  const opened = openApplication({ withStore: random.oneIn(2) });
  if (opened === undefined) return;
  const { env, rows, counter, store, close } = opened;

  const putRows = async () => {
    const ids = Array.from({ length: random.between(1, 5) }, nextId);
    await Promise.all(ids.map((id) => rows.put(id, 0)));
    journal.noteAll(ids.map((id) => ['row', id]));
  };
  const count = () => {
    const next = env.transactionSync(() => {
      const next = (counter.get('n') ?? 0) + 1;
      counter.putSync('n', next);
      return next;
    });
    journal.note('count', next);
  };

  while (!isOver()) {
    if (random.oneIn(2)) await putRows();
    else count();
    if (store !== undefined && random.oneIn(4)) await append(store, random.between(1, 10));
    await pause(3);
  }
  await close();
}
