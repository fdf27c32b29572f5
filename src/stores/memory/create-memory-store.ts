import type { Event } from '../../event/event.ts';
import type { Codecs, EventOf } from '../../store/codecs.ts';
import { createEventStore } from '../../store/create-event-store.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { StoreOptions } from '../../store/store-options.ts';
import { defined } from '../../validation/defined.ts';
import { createMemoryEventLog } from './memory-event-log.ts';

/** What can be chosen of a store in memory. */
export type MemoryStoreOptions = StoreOptions;

/**
 * Makes a store that appends within the call itself and reads synchronously; nothing survives `close`.
 *
 * @param options.scheduler - Give it a `TestScheduler`, and everything runs in virtual time.
 * @throws InvalidOptionsError with every fault at once.
 * @example
 * const store = createMemoryStore({ scheduler: testScheduler });
 */
export function createMemoryStore<C extends Codecs>(
  options: MemoryStoreOptions & { readonly codecs: C },
): EventStore<EventOf<C>>;
export function createMemoryStore<E extends Event = Event>(options?: MemoryStoreOptions): EventStore<E>;
export function createMemoryStore(options: MemoryStoreOptions = {}): EventStore {
  return createEventStore(createMemoryEventLog(), { gcAgeThreshold: 0, ...defined(options) });
}
