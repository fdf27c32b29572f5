import { filter, firstValueFrom } from 'rxjs';
import { createMemoryStore } from '../../src/memory.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import type { ManagerOptions } from '../../src/watcher/managed/manager.ts';
import { createManager } from '../../src/watcher/managed/manager.ts';
import type { Watcher, WatcherState, WatcherStats } from '../../src/watcher/managed/watcher.ts';
import type { CreateWatcherOptions } from '../../src/watcher/watch-options.ts';
import { nextTurn } from '../scheduling/next-turn.ts';
import { VirtualClock } from '../scheduling/virtual-clock.ts';
import { ByHand } from './by-hand.ts';
import { fillUp } from './delivery/fill.ts';

/** Those of the watcher, and how many events there are, and whether it is under a lease. */
type ManagedOptions = CreateWatcherOptions & ManagerOptions & { readonly events?: number };

/** The same watcher, which begins within the call that starts it: what a start leaves for later happens before it returns. */
export function begunAtOnce(store: EventStore, watcher: Watcher): Watcher {
  const begin = () => {
    const { scheduler } = store.internals;
    if (scheduler instanceof VirtualClock) scheduler.advanceBy(0);
  };
  const { start } = watcher;
  begin();
  return Object.assign(watcher, {
    start() {
      start();
      begin();
    },
  });
}

/** Makes a watcher in a manager of its own that begins within the call that starts it. */
export const createBegun = (store: EventStore, id: string, options: CreateWatcherOptions): Watcher =>
  begunAtOnce(store, createManager(store).create(id, options));

/** A watcher of a store with so many events, on a clock that the test moves; its attempts end by hand. */
export function managed({ events = 3, lease, ...options }: ManagedOptions = {}) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillUp(store, events);
  const manager = createManager(store, { lease });
  const byHand = new ByHand();
  const watcher = begunAtOnce(store, manager.create('w', { handler: byHand.handler, ...options }));
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  return { clock, store, manager, byHand, watcher, stored };
}

/** The stats as soon as they are like this, looked at each time the event loop turns. */
export async function statsWhen(
  watcher: Watcher,
  is: (stats: WatcherStats) => boolean,
): Promise<WatcherStats> {
  while (!is(watcher.stats())) await nextTurn();
  return watcher.stats();
}

/** The stats as soon as it is in this state. */
export const statsIn = (watcher: Watcher, state: WatcherState): Promise<WatcherStats> =>
  firstValueFrom(watcher.stats$.pipe(filter((stats) => stats.state === state)));
