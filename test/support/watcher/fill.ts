import type { EventStore } from '../../../src/store/event-store.ts';

/** Stores one event of each object type. */
export async function storeAll(store: EventStore, ...objectTypes: readonly string[]): Promise<void> {
  await store.storeEvents(
    objectTypes.map((objectType, index) => ({ operation: 'CREATE', objectType, object: { index } })),
  );
}

/** Stores one event of each object type in a memory store synchronously. */
export const fill = (store: EventStore, ...objectTypes: readonly string[]): void =>
  void storeAll(store, ...objectTypes);

/** Stores a number of events in a memory store synchronously. */
export const fillUp = (store: EventStore, count: number): void =>
  void store.storeEvents(
    Array.from({ length: count }, (_, index) => ({
      operation: 'CREATE',
      objectType: 'Job',
      object: { index },
    })),
  );
