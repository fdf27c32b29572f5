import type { Event } from '../../../src/event/event.ts';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Stores one event per character of `keys` in a memory store synchronously. */
export const fillKeys = (store: EventStore, keys: string): void =>
  void store.storeEvents(
    [...keys].map((key) => ({ operation: 'CREATE', objectType: 'Job', object: { key } })),
  );

/** Returns the key of an event that `fillKeys` has stored. */
export const keyOf = ({ object }: Event): string => (object as { key: string }).key;
