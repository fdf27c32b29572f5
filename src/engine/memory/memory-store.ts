import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { createEventStore } from '../../store/create-event-store.ts';
import type { TransactionalEventStore } from '../../store/event-store.ts';
import type { Codecs, EventOf } from '../../store/serialization/codec-serializer.ts';
import { type StoreOptions, storeOptionProps } from '../../store/store-options.ts';
import { check } from '../../validation/check.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import { createMemoryEventLog } from './memory-event-log.ts';

const OptionsCodec = optionsCodec('{ scheduler: testScheduler }', storeOptionProps);

/** Options of `createMemoryStore`. */
export type MemoryStoreOptions = StoreOptions;

/**
 * Creates a store in memory, which appends within the call and reads synchronously. `close` deletes all contents of the
 * store. By default, garbage collection deletes no events.
 *
 * @param options.scheduler - With a `TestScheduler`, the store runs in virtual time.
 * @throws InvalidOptionsError if an option is not valid. The error lists every fault.
 * @see [Testing your watchers](../../../docs/guides/testing-your-watchers.md)
 * @example
 * const store = createMemoryStore({ scheduler: testScheduler });
 */
export function createMemoryStore<C extends Codecs>(
  options: MemoryStoreOptions & { readonly codecs: C },
): TransactionalEventStore<EventOf<C>>;
export function createMemoryStore<E extends Event = Event>(
  options?: MemoryStoreOptions,
): TransactionalEventStore<E>;
export function createMemoryStore(options: MemoryStoreOptions = {}): TransactionalEventStore {
  const checked = check(OptionsCodec, options, (faults) => new InvalidOptionsError('store options', faults));
  const store = createEventStore(createMemoryEventLog(), {
    gcAgeThreshold: 0,
    ...(checked as MemoryStoreOptions),
  });
  return store as TransactionalEventStore;
}
