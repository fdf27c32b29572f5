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
import { ManualHandler } from './manual-handler.ts';
import { readAll } from './read-all.ts';
import { created, span } from './requests.ts';

/** Opens a store with the events of jobs 1 to `count`. */
export async function openJobs(open: OpenStore, count: number, options?: StoreOptions): Promise<EventStore> {
  const store = await open(options);
  await store.storeEvents(span(1, count).map(created));
  return store;
}

/**
 * Starts watcher `w` in a new manager. The test ends the attempts by `byHand`, unless `options` has a handler. Late
 * subscribers of `outcomes$` receive all outcomes.
 */
export function watchByHand(store: EventStore, options: CreateWatcherOptions = {}) {
  const byHand = new ManualHandler();
  const manager = createManager(store);
  const watcher = manager.create('w', { handler: byHand.handler, ...options });
  const outcomes$ = new ReplaySubject<Outcome>();
  watcher.outcomes$.subscribe(outcomes$);
  watcher.start();
  return { byHand, manager, watcher, outcomes$ };
}

/** Resolves to the checkpoint of watcher `w` when all pending writes have ended. */
export async function checkpointOf(store: EventStore): Promise<number | undefined> {
  // Writes take effect in the order of the calls. When this write has ended, all earlier writes have ended, too.
  await store.deleteCheckpoint('other');
  return firstValueFrom(store.getCheckpoint('w'));
}

/**
 * Gives a watcher time to act: appends an event, writes to the table of checkpoints, and reads all events three times.
 *
 * If a watcher has done nothing afterwards, it is stopped or paused. This holds even for an asynchronous engine.
 */
export async function appendAndReadAll(store: EventStore): Promise<void> {
  await store.storeEvent(created(0));
  await store.deleteCheckpoint('other');
  for (const _ of span(1, 3)) await readAll(store);
}

/** Resolves to the statistics of a watcher when it enters a state; immediately if it is in this state. */
export const statsIn = (watcher: Watcher, state: WatcherState): Promise<WatcherStats> =>
  firstValueFrom(watcher.stats$.pipe(filter((stats) => stats.state === state)));

/** Resolves when a watcher has processed an event. */
export const passed = (watcher: Watcher, seqNum: number): Promise<unknown> =>
  lastValueFrom(watcher.whenProcessed(seqNum));

/** Resolves when a watcher has processed all stored events. */
export const caughtUp = (watcher: Watcher): Promise<boolean> =>
  firstValueFrom(watcher.caughtUp$.pipe(filter((isCaughtUp) => isCaughtUp)));

/** Resolves to the next outcomes of a watcher, each as `[seqNum, status, attempts]`. */
export const nextOutcomes = (outcomes$: Observable<Outcome>, count: number): Promise<readonly unknown[]> =>
  firstValueFrom(
    outcomes$.pipe(
      map(({ seqNum, status, attempts }) => [seqNum, status, attempts]),
      take(count),
      toArray(),
    ),
  );
