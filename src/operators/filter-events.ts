import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { Event } from '../event/event.ts';
import { type EventFilter, matches } from '../event/event-filter.ts';

/**
 * Lets through what an `EventFilter` lets through.
 *
 * Where the store can filter (`events`, `getEvents`, `watch`), let it: it need not read the objects left out.
 *
 * @example
 * events$.pipe(filterEvents({ operations: ['DELETE'] }))
 */
export const filterEvents = <E extends Event>(eventFilter: EventFilter): MonoTypeOperatorFunction<E> =>
  filter(({ operation, objectType }) => matches(eventFilter, operation, objectType));
