/**
 * A transactional outbox: an order and the event about it are stored in one transaction.
 *
 * The tables of the application and the log are in one LMDB environment. If an order is rejected, neither the order nor an event
 * is stored. A crash never leaves an order without its event, or an event without its order. A watcher delivers the events in
 * order, at least once. After a restart, it continues after its checkpoint.
 */
import { type Event, type Outcome, watch } from 'rx-watcher';
import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import type { Observable, ObservableInput } from 'rxjs';

export interface Order {
  readonly id: string;
  readonly article: string;
  readonly pieces: number;
}

export function openShop(path: string) {
  const env = openLmdbEnv({ path });
  const store = openLmdbStore<Event<Order, 'Order'>>({ env });
  const orders = env.openDB<Order, string>({ name: 'orders' });
  const stock = env.openDB<number, string>({ name: 'stock' });

  return {
    store,
    orders,
    stock,

    /** Stores an order and its event. Resolves when both are durable. */
    placeOrder: (order: Order): Promise<void> =>
      store.transaction((storeEvent) => {
        void orders.put(order.id, order);
        storeEvent({ operation: 'CREATE', objectType: 'Order', object: order });
        const left = (stock.get(order.article) ?? 0) - order.pieces;
        if (left < 0) throw new Error(`${-left} of '${order.article}' are missing`);
        void stock.put(order.article, left);
      }),

    /** Delivers orders, at least once. The receiver detects a repeated order by its sequence number. */
    deliver: (publish: (seqNum: number, order: Order) => ObservableInput<unknown>): Observable<Outcome> =>
      watch(store, 'delivery', { handler: ({ seqNum, object }) => publish(seqNum, object) }),

    async close() {
      await store.close();
      await env.close(); // the store does not close an environment that it has not opened
    },
  };
}
