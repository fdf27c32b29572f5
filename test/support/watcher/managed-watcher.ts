import { filter, firstValueFrom } from 'rxjs';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import type { WatcherState } from '../../../src/store/monitoring/watcher-state.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import type { ManagerOptions } from '../../../src/watcher/managed/manager.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher, WatcherStats } from '../../../src/watcher/managed/watcher.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../next-turn.ts';
import { fillUp } from './fill.ts';

/** Options of the watcher and its manager, and the number of events in the log: 3 by default. */
type ManagedOptions = CreateWatcherOptions & ManagerOptions & { readonly events?: number };

/** Replaces `start` of a watcher by a function that also runs the scheduled tasks of the start before it returns. */
export function withSyncStart(store: EventStore, watcher: Watcher): Watcher {
  const runScheduled = () => {
    const { scheduler } = store.internals;
    if (scheduler instanceof VirtualClock) scheduler.advanceBy(0);
  };
  const { start } = watcher;
  runScheduled();
  return Object.assign(watcher, {
    start() {
      start();
      runScheduled();
    },
  });
}

/** Creates a manager and a watcher that has read its first events when `start` returns. */
export const createWithSyncStart = (store: EventStore, id: string, options: CreateWatcherOptions): Watcher =>
  withSyncStart(store, createManager(store).create(id, options));

/** Creates a store with events, a manager and a watcher. The test advances the clock and ends the attempts. */
export function managed({ events = 3, lease, ...options }: ManagedOptions = {}) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillUp(store, events);
  const manager = createManager(store, { lease });
  const byHand = new ManualHandler();
  const watcher = withSyncStart(store, manager.create('w', { handler: byHand.handler, ...options }));
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  return { clock, store, manager, byHand, watcher, stored };
}

/**
 * Creates a managed watcher and starts it. The handler must not use the result, because it handles the first events before
 * this function returns.
 */
export function started(options?: ManagedOptions) {
  const all = managed(options);
  all.watcher.start();
  return all;
}

/** Reads the stats once per turn of the event loop, and resolves to the first stats that match. */
export async function statsWhen(
  watcher: Watcher,
  matches: (stats: WatcherStats) => boolean,
): Promise<WatcherStats> {
  while (!matches(watcher.stats())) await nextTurn();
  return watcher.stats();
}

/** Resolves to the first stats with this state; immediately if the watcher is in the state. */
export const statsIn = (watcher: Watcher, state: WatcherState): Promise<WatcherStats> =>
  firstValueFrom(watcher.stats$.pipe(filter((stats) => stats.state === state)));
