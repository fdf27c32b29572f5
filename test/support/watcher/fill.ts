import type { Event } from '../../../src/event/event.ts';
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
  fill(store, ...new Array<string>(count).fill('Job'));

/** Stores one event per character of `keys` in a memory store synchronously. */
export const fillKeys = (store: EventStore, keys: string): void =>
  void store.storeEvents(
    [...keys].map((key) => ({ operation: 'CREATE', objectType: 'Job', object: { key } })),
  );

/** Returns the key of an event that `fillKeys` has stored. */
export const keyOf = ({ object }: Event): string => (object as { key: string }).key;
