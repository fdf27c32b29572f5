import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { createEventStore } from '../../store/create-event-store.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { Codecs, EventOf } from '../../store/serialization/codec-serializer.ts';
import { type StoreOptions, storeOptionProps } from '../../store/store-options.ts';
import { check } from '../../validation/check.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import { createMemoryEventLog } from './memory-event-log.ts';

const OptionsCodec = optionsCodec('{ scheduler: testScheduler }', storeOptionProps);

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
  const checked = check(OptionsCodec, options, (faults) => new InvalidOptionsError('store options', faults));
  return createEventStore(createMemoryEventLog(), { gcAgeThreshold: 0, ...(checked as MemoryStoreOptions) });
}
