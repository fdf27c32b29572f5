import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { startLeasedWatcher } from '../leased-watcher.mjs';
import { PACED } from './pace.mjs';

/**
 * Blocks its event loop for `seconds` seconds while a transaction is pending and a watcher runs under a lease. A second watcher
 * is in standby for the lease of the process that appends, and must not acquire that lease.
 */
export async function compute(toolbox) {
  const { journal, isOver, openStore, request, reportState, pause, seconds, lease } = toolbox;
  const { store, close } = openStore();
  const managers = [
    startLeasedWatcher(toolbox, store, 'computing', seconds * 4000),
    startLeasedWatcher(toolbox, store, PACED, lease),
  ];
  await wait(lease);

  const stored = store.transaction((storeEvent) => storeEvent(request()));
  // The store starts the transaction after a microtask. Then the callback of the transaction waits for this event loop.
  await null;
  await nextTurn();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end);
  const { seqNum, object } = await stored;
  journal.note('event', seqNum, object.id);
  reportState('computed');

  while (!isOver()) await pause(50);
  for (const manager of managers) await manager.stop();
  await close();
}
