import type { Event, RequestOf } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';

/** Event store on LMDB, with transactions and backups. */
export interface LmdbEventStore<E extends Event = Event> extends EventStore<E> {
  /**
   * Calls `work` inside one write transaction of the environment. The writes of the application to its own tables and the
   * events of `storeEvent` are committed atomically: the transactional outbox pattern. If the transaction fails, nothing is
   * stored.
   *
   * `work` must be synchronous. Watchers wake after the commit. Transactions that are requested at the same time share a
   * commit, and thus a flush of the disk. If the `work` of one transaction throws, the `work` of the other transactions can
   * be called again. `work` should therefore change only the environment.
   *
   * A transaction and an append that are requested at the same time can commit in either order. If one of them must be
   * first, await it before you request the other one.
   *
   * @param work - Receives a `storeEvent` that returns the event synchronously. The event is stored if `work` does not throw.
   * @returns Promise of the result of `work`. It resolves when the transaction is durable.
   * @throws The error of `work`.
   * @throws InvalidRequestError if `work` is not a function or returns a Promise.
   * @throws InvalidRequestError if a request is not valid.
   * @throws SerializationError if an object cannot be serialized or is too large.
   * @throws StoreClosedError if the store is closed.
   * @throws StoreError if LMDB cannot commit the transaction.
   * @see [Exactly-once results](../../../docs/guides/exactly-once-results.md)
   * @example
   * await store.transaction((storeEvent) => {
   *   void orders.put(order.id, order);
   *   storeEvent({ operation: 'CREATE', objectType: 'Order', object: order });
   * });
   */
  transaction<R>(work: (storeEvent: (request: RequestOf<E>) => E) => R): Promise<R>;

  /**
   * Copies a snapshot of the whole environment to a new file, without free pages. Writes continue in the meantime. The copy
   * can be opened as a store. Its content and its name are flushed to the disk when the Promise resolves. If the backup
   * fails, no file is created.
   *
   * @param path - Data file of the copy, which must not exist. Its directory must exist, unless the store has the option
   *   `createDirectories`. Its permissions are set by the option `mode` of the store.
   * @throws InvalidOptionsError if `path` is not a string or is blank.
   * @throws StoreClosedError if the store is closed.
   * @throws StoreError if the copy cannot be written.
   * @see [Backup and restore](../../../docs/guides/backup-and-restore.md)
   * @example
   * await store.backup(`./backups/${new Date().toISOString().slice(0, 10)}.lmdb`);
   */
  backup(path: string): Promise<void>;
}
