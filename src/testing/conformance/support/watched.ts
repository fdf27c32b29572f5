import {
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  type Observable,
  ReplaySubject,
  take,
  toArray,
} from 'rxjs';
import {
  type CreateWatcherOptions,
  createManager,
  type EventStore,
  type Outcome,
  type StoreOptions,
  type Watcher,
  type WatcherState,
  type WatcherStats,
} from '../../../index.ts';
import type { OpenStore } from '../store-fixture.ts';
import { ByHand } from './by-hand.ts';
import { readAll } from './read-all.ts';
import { created, span } from './requests.ts';

/** Opens a store of jobs 1 to `count`. */
export async function openJobs(open: OpenStore, count: number, options?: StoreOptions): Promise<EventStore> {
  const store = await open(options);
  await store.storeEvents(span(1, count).map(created));
  return store;
}

/** Makes watcher `w` of a store, in a manager of its own; its attempts end by hand. It runs, and its outcomes are kept. */
export function watchByHand(store: EventStore, options: CreateWatcherOptions = {}) {
  const byHand = new ByHand();
  const manager = createManager(store);
  const watcher = manager.create('w', { handler: byHand.handler, ...options });
  const outcomes$ = new ReplaySubject<Outcome>();
  watcher.outcomes$.subscribe(outcomes$);
  watcher.start();
  return { byHand, manager, watcher, outcomes$ };
}

/** The checkpoint of watcher `w`, behind the writes that were begun before. */
export async function checkpointOf(store: EventStore): Promise<number | undefined> {
  // Writes take effect in the order of the calls.
  await store.deleteCheckpoint('nobody');
  return firstValueFrom(store.getCheckpoint('w'));
}

/**
 * Gives a watcher that would do something the occasion to do it: an append, a write, and a read of all that is there.
 *
 * What has not happened by then was not waiting for an engine that takes its time.
 */
export async function occasion(store: EventStore): Promise<void> {
  await store.storeEvent(created(0));
  await store.deleteCheckpoint('nobody');
  for (const _ of span(1, 3)) await readAll(store);
}

/** The stats of a watcher as soon as it is in this state. */
export const statsIn = (watcher: Watcher, state: WatcherState): Promise<WatcherStats> =>
  firstValueFrom(watcher.stats$.pipe(filter((stats) => stats.state === state)));

/** Resolves when a watcher has passed an event. */
export const passed = (watcher: Watcher, seqNum: number): Promise<unknown> =>
  lastValueFrom(watcher.whenProcessed(seqNum));

/** Resolves when a watcher has passed all that is stored. */
export const caughtUp = (watcher: Watcher): Promise<boolean> =>
  firstValueFrom(watcher.caughtUp$.pipe(filter((isCaughtUp) => isCaughtUp)));

/** What becomes of the next events of a watcher: each by its number, its status and how many attempts it took. */
export const fates = (outcomes$: Observable<Outcome>, count: number): Promise<readonly unknown[]> =>
  firstValueFrom(
    outcomes$.pipe(
      map(({ seqNum, status, attempts }) => [seqNum, status, attempts]),
      take(count),
      toArray(),
    ),
  );
