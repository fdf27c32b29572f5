import type { EventStore, StoreOptions } from 'rx-watcher';

/** One log to test: it is empty at first. */
export interface StoreFixture {
  /** Opens it. After a close, one that lasts is opened again as it was, one that does not is empty. */
  open(options?: StoreOptions): EventStore | Promise<EventStore>;
  /** Removes all that is left of it; its stores were closed. */
  cleanup(): void | Promise<void>;
}

/** What sets engines apart. */
export interface StoreCapabilities {
  /** Whether events and checkpoints outlast `close`. */
  readonly lasts: boolean;
}

/** Opens the store of the test that is running; it is closed when the test ends. */
export type OpenStore = (options?: StoreOptions) => Promise<EventStore>;
