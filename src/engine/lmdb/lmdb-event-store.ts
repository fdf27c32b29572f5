import type { Event, RequestOf } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';

/** A store on LMDB: what every store does, and what only one in the application's own environment can. */
export interface LmdbEventStore<E extends Event = Event> extends EventStore<E> {
  /**
   * Runs `work` inside one write transaction of the environment: the application's own `put`s and the events that it
   * stores by `storeEvent` commit together or not at all. This is the transactional outbox.
   *
   * The work must be synchronous: it is done when it returns. Watchers wake after the commit. Transactions that are requested
   * at the same time share a commit, and with it a flush of the disk. If the work of one of them throws, the works of the others
   * are called again: a work should change nothing but the environment.
   *
   * A transaction and an append that are requested at the same time may commit in either order: await the one that must be
   * first.
   *
   * @param work - Gets a `storeEvent` that returns the event at once; it is stored if the work does not throw.
   * @returns What the work returned, once it is durable.
   * @throws What the work throws; nothing is stored then.
   * @throws InvalidRequestError if the work is not a function, or returns a Promise; nothing is stored then.
   * @example
   * await store.transaction((storeEvent) => {
   *   void orders.put(order.id, order);
   *   storeEvent({ operation: 'CREATE', objectType: 'Order', object: order });
   * });
   */
  transaction<R>(work: (storeEvent: (request: RequestOf<E>) => E) => R): Promise<R>;

  /**
   * Copies the environment, events and all else, to a new file, compact and of one moment, while writing goes on. The
   * copy opens as a store. It is on the disk, flushed with its name, when the Promise resolves.
   *
   * @param path - Data file of the copy, which must not exist yet. Its directory must exist, or the store must have the
   *   option `createDirectories`. The option `mode` of the store gives its permissions.
   * @throws StoreError if the copy cannot be written.
   */
  backup(path: string): Promise<void>;
}
