import { InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { show } from '../validation/format-value.ts';
import type { Manager } from '../watcher/managed/manager.ts';

/** Store that is measured, and the manager of its watchers, if there is one. */
export interface Instrumented<E extends Event> {
  readonly store: EventStore<E>;
  readonly manager: Manager<E> | undefined;
}

const isManager = <E extends Event>(target: EventStore<E> | Manager<E>): target is Manager<E> =>
  typeof target === 'object' && target !== null && 'watchers$' in target;

/**
 * Checks that an argument is a manager.
 *
 * @throws InvalidOptionsError if it is not a manager.
 */
export function requireManager<E extends Event>(manager: Manager<E>): void {
  if (isManager(manager)) return;
  const message = `must be a manager; received ${show(manager)}`;
  throw new InvalidOptionsError('arguments', [{ path: 'manager', message }]);
}

/**
 * Returns the store and the manager of a target.
 *
 * @throws InvalidOptionsError if the target is neither a store nor a manager.
 */
export function instrumentedOf<E extends Event>(target: EventStore<E> | Manager<E>): Instrumented<E> {
  if (isManager(target)) return { store: target.store, manager: target };
  requireStore('target', target, 'storeEvent', 'getEvents');
  return { store: target, manager: undefined };
}
