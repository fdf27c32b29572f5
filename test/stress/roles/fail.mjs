import { firstValueFrom } from 'rxjs';

/** Number of writes that are settled before the failure. */
const SETTLED = 5;

/** Time for which the process blocks its event loop before the failure, in milliseconds. */
const BLOCKED = 50;

const WATCHER = 'failing';
const TOKEN = 1;

/** Functions that fail, by name. */
const FAILURES = {
  exception() {
    throw new Error('the process fails on purpose');
  },
  rejection: () => void Promise.reject(new Error('the process fails on purpose')),
  exit: () => process.exit(7),
};

function block() {
  const end = performance.now() + BLOCKED;
  while (performance.now() < end);
}

/** Ends abruptly while a write is pending. Begins when another process has appended. */
export async function fail({ rx, openStore, request, append, reportState, write, failure }) {
  const { store } = openStore({ retention: { maxEvents: 1 } });
  await append(store, 10);
  await store.internals.leases.store(WATCHER, { token: TOKEN, owner: 'the failing process' }, 0);
  const writes = {
    append: () => store.storeEvent(request()),
    transaction: () => store.transaction((storeEvent) => storeEvent(request())),
    checkpoint: () => store.storeCheckpoint(WATCHER, 1, TOKEN),
    garbage: () => store.collectGarbage(),
  };

  const appended = firstValueFrom(store.events(rx.latest()));
  reportState('ready');
  await appended;
  for (let n = 0; n < SETTLED; n++) await writes[write]();
  void writes[write]();
  // The store starts the write after microtasks. Then the engine continues the write in a separate thread.
  await null;
  setImmediate(() => {
    block();
    reportState('failing');
    FAILURES[failure]();
  });
  await new Promise(() => undefined);
}
