import { firstValueFrom } from 'rxjs';
import type { Event } from '../../../src/event/event.ts';
import { partitionOf } from '../../../src/event/partition-of.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { withSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Number of partitions of the tested watchers. */
export const COUNT = 4;

/** Duration of the leases, in milliseconds. */
export const DURATION = 1200;

/** Options with which all partitions handle events at the same time, and each partition handles one event at a time. */
export const TOGETHER = { concurrency: COUNT, keyOf: () => 'the same' };

/** Returns the key of the event with this number. The eleven keys are distributed over all four partitions. */
export const keyOf = (seqNum: number): string => `key ${seqNum % 11}`;

/** Returns the partition of the event with this number. */
export const partitionAt = (seqNum: number): number => partitionOf(keyOf(seqNum), COUNT);

/** Stores the events `first` to `last` in a memory store synchronously. */
export const storeKeyed = (store: EventStore, first: number, last: number): void =>
  void store.storeEvents(
    span(first, last).map((n) => ({ operation: 'CREATE', objectType: 'Job', object: { n }, key: keyOf(n) })),
  );

/** Creates a memory store with events, and functions that create managers with the watcher `w`, which has partitions. */
export function partitioned(events = 22) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  storeKeyed(store, 1, events);

  /** Creates an idle watcher in a manager without leases, optionally on another view of the store. */
  const alone = (options: CreateWatcherOptions = {}, view: EventStore = store) => {
    const manager = createManager(view);
    const handled: number[] = [];
    const handler = ({ seqNum }: Event) => void handled.push(seqNum);
    const watcher = withSyncStart(store, manager.create('w', { partitions: COUNT, handler, ...options }));
    return { manager, handled, watcher, state: () => watcher.stats().state };
  };
  /**
   * Creates an idle watcher in a manager with leases, optionally on a faulty view of the store. The test ends its attempts
   * with `byHand`.
   */
  const process = (owner: string, options: CreateWatcherOptions = {}, view: EventStore = store) => {
    const manager = createManager(view, { lease: { duration: DURATION, owner } });
    const byHand = new ManualHandler();
    const watcher = withSyncStart(
      store,
      manager.create('w', { partitions: COUNT, handler: byHand.handler, ...options }),
    );
    const owned = () =>
      (watcher.stats().partitions ?? []).flatMap(({ index, state }) => (state === 'standby' ? [] : [index]));
    return { manager, byHand, watcher, owned, state: () => watcher.stats().state };
  };
  const checkpoints = () => firstValueFrom(store.checkpoints());
  return { clock, store, alone, process, checkpoints };
}
