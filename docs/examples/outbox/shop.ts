/**
 * A transactional outbox: the application's own table and the events that tell of it change together, or not at all.
 *
 * Both live in one LMDB environment. An order that is refused leaves neither an order nor an event behind, and no crash
 * can part them. A watcher delivers the events, at least once, in order, and after a restart from where it was.
 */
import { open } from 'lmdb';
import { type Event, type Outcome, watch } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import type { Observable, ObservableInput } from 'rxjs';

export interface Order {
  readonly id: string;
  readonly article: string;
  readonly pieces: number;
}

export function openShop(path: string) {
  const env = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false });
  const store = openLmdbStore<Event<Order, 'Order'>>({ env });
  const orders = env.openDB<Order, string>({ name: 'orders' });
  const stock = env.openDB<number, string>({ name: 'stock' });

  return {
    store,
    orders,
    stock,

    /** Resolves when the order and its event are on the disk. */
    placeOrder: (order: Order): Promise<void> =>
      store.transaction((storeEvent) => {
        void orders.put(order.id, order);
        storeEvent({ operation: 'CREATE', objectType: 'Order', object: order });
        const left = (stock.get(order.article) ?? 0) - order.pieces;
        if (left < 0) throw new Error(`${-left} of '${order.article}' are missing`);
        void stock.put(order.article, left);
      }),

    /** Delivers orders. Whoever gets them knows by the number what he has got already. */
    deliver: (publish: (seqNum: number, order: Order) => ObservableInput<unknown>): Observable<Outcome> =>
      watch(store, 'delivery', { handler: ({ seqNum, object }) => publish(seqNum, object) }),

    async close() {
      await store.close();
      await env.close(); // the store leaves open what it did not open
    },
  };
}
