import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Size of the range of ids that belongs to one process, so that ids are unique. */
const IDS_PER_PROCESS = 100_000_000;

const reportState = (...words) => void writeSync(1, `${words.join(' ')}\n`);

/** Returns the functions that the roles share: openings and appends that are reported and recorded. */
export function createToolbox({ rx, id, path, journal, recorded, keep, settings, random }) {
  let lastId = id * IDS_PER_PROCESS;
  let isOver = false;
  process.stdin.resume().once('end', () => {
    isOver = true;
  });

  /** Opens the file and reports the opening. Returns `undefined` if the store refused to open the file. */
  const opening = (open) => {
    reportState('opening');
    const started = performance.now();
    try {
      const opened = open();
      reportState('open', Math.round((performance.now() - started) * 1000));
      return opened;
    } catch (error) {
      if (!(error instanceof rx.StoreError)) throw error;
      reportState('refused');
      // During an opening, one process prevents all others from writing. If that process is killed, this error is correct.
      const isUnguarded = error.message.endsWith('open it again');
      journal.note(isUnguarded ? 'unguarded' : 'refused', error.message);
      return undefined;
    }
  };
  const openStore = (options = {}) => {
    const store = opening(() => rx.openLmdbStore({ path, gcAgeThreshold: 0, ...options }));
    return store && { store, close: () => close(store) };
  };
  /** Opens an application's environment with its tables and, by default, a store in it. */
  const openApplication = ({ withStore = true } = {}) => {
    const env = opening(() => rx.openLmdbEnv({ path }));
    if (env === undefined) return undefined;
    const rows = env.openDB({ name: 'rows', encoding: 'json' });
    const counter = env.openDB({ name: 'counter', encoding: 'json' });
    const store = withStore ? rx.openLmdbStore({ env, gcAgeThreshold: 0 }) : undefined;
    return { env, rows, counter, store, close: () => close(...(store ? [store] : []), env) };
  };
  const close = async (...opened) => {
    for (const each of opened) await each.close();
    reportState('closed');
  };

  /** Waits for a few milliseconds, so that no process occupies a core. */
  const pause = (most = 5) => wait(random.below(most + 1));
  /** Opens the file, works with it and closes it, repeatedly until the process must end. */
  const openOften = async (open, work) => {
    while (!isOver) {
      const opened = open();
      if (opened === undefined) await pause();
      else await work(opened).then(opened.close);
    }
  };

  const nextId = () => ++lastId;
  /** Creates a request. Most objects are small, and some objects are so large that LMDB stores them in overflow pages. */
  const request = (objectType = 'Plain') => {
    const length = random.oneIn(200) ? random.between(5000, 20_000) : random.between(10, 200);
    return { operation: 'CREATE', objectType, object: { id: nextId(), text: 'x'.repeat(length) } };
  };
  /** Records acknowledged events. The line of the first event also has the duration of the append. */
  const noteEvents = (events, started) => {
    const micros = Math.round((performance.now() - started) * 1000);
    journal.noteAll(
      events.map(({ seqNum, object }, n) => ['event', seqNum, object.id, ...(n === 0 ? [micros] : [])]),
    );
  };
  const append = async (store, count) => {
    const requests = Array.from({ length: count }, () => request());
    const started = performance.now();
    try {
      const events = count === 1 ? [await store.storeEvent(requests[0])] : await store.storeEvents(requests);
      noteEvents(events, started);
      return events;
    } catch (error) {
      journal.noteAll(requests.map(({ object }) => ['rejected', object.id]));
      throw error;
    }
  };

  return {
    rx,
    id,
    keep,
    ...settings,
    random,
    journal,
    reportState,
    recorded,
    isOver: () => isOver,
    openStore,
    openApplication,
    nextId,
    request,
    noteEvents,
    append,
    openOften,
    pause,
  };
}
