/** Appends in transactions that also write an application's rows. Some transactions throw and must leave nothing. */
export async function transact({
  random,
  journal,
  isOver,
  openApplication,
  request,
  nextId,
  noteEvents,
  pause,
}) {
  const opened = openApplication();
  if (opened === undefined) return;
  const { store, rows, counter } = opened;
  const undone = new Error('this transaction must be rolled back');

  const commit = async () => {
    const started = performance.now();
    const { events, count } = await store.transaction((storeEvent) => {
      const events = Array.from({ length: random.between(1, 5) }, () => storeEvent(request('Paired')));
      for (const { seqNum, object } of events) void rows.put(object.id, seqNum);
      const count = (counter.get('n') ?? 0) + 1;
      void counter.put('n', count);
      return { events, count };
    });
    noteEvents(events, started);
    journal.noteAll([...events.map(({ object }) => ['row', object.id]), ['count', count]]);
  };
  const undo = async () => {
    const id = nextId();
    journal.note('undone', id);
    const work = (storeEvent) => {
      storeEvent(request('Undone'));
      void rows.put(id, 0);
      throw undone;
    };
    await store.transaction(work).catch((error) => {
      if (error !== undone) throw error;
    });
  };
  const writer = async () => {
    while (!isOver()) {
      await (random.oneIn(10) ? undo() : commit());
      if (random.oneIn(2)) await pause();
    }
  };
  await Promise.all(Array.from({ length: random.between(1, 3) }, writer));
  await opened.close();
}
