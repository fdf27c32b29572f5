import type { EventStore } from '../../../src/store/event-store.ts';

/** Stores one event of each of these types. */
export async function storeAll(store: EventStore, ...objectTypes: readonly string[]): Promise<void> {
  await store.storeEvents(
    objectTypes.map((objectType, index) => ({ operation: 'CREATE', objectType, object: { index } })),
  );
}

/** The same, for a store in memory: they are stored within the call. */
export const fill = (store: EventStore, ...objectTypes: readonly string[]): void =>
  void storeAll(store, ...objectTypes);

/** Stores so many events, within the call. */
export const fillUp = (store: EventStore, count: number): void =>
  void store.storeEvents(
    Array.from({ length: count }, (_, index) => ({
      operation: 'CREATE',
      objectType: 'Job',
      object: { index },
    })),
  );
