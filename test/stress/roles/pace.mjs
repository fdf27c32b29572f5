import { setTimeout as wait } from 'node:timers/promises';
import { startLeasedWatcher } from '../leased-watcher.mjs';

/** Time between two appends, in milliseconds. */
const INTERVAL = 5;

/** Id of the watcher that the process runs while it appends. */
export const PACED = 'paced';

/**
 * Appends at a fixed rate, even while earlier appends are pending. A write lock that is held for a long time therefore
 * delays many appends, so that the percentiles show it. Runs a watcher under a lease of `lease` milliseconds.
 */
export async function pace(toolbox) {
  const { isOver, openStore, append, lease } = toolbox;
  const { store, close } = openStore();
  const manager = startLeasedWatcher(toolbox, store, PACED, lease);
  const pending = new Set();
  while (!isOver()) {
    const appended = append(store, 1).finally(() => pending.delete(appended));
    pending.add(appended);
    await wait(INTERVAL);
  }
  await Promise.all(pending);
  await manager.stop();
  await close();
}
