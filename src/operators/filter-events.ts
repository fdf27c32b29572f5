import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventFilter, EventFilterCodec, matches } from '../event/event-filter.ts';
import { check } from '../validation/check.ts';
import { readEvent } from './read-event.ts';

/**
 * Lets through what an `EventFilter` lets through.
 *
 * Where the store can filter (`events`, `getEvents`, `watch`), let it: it need not read the objects left out.
 *
 * @throws {@link InvalidOptionsError} at the call, with every fault at once.
 * @example
 * events$.pipe(filterEvents({ operations: ['DELETE'] }))
 */
export function filterEvents<E extends Event>(eventFilter: EventFilter): MonoTypeOperatorFunction<E> {
  const checked = check(EventFilterCodec, eventFilter, (faults) => new InvalidOptionsError('filter', faults));
  const isMatch = ({ operation, objectType }: E) => matches(checked, operation, objectType);
  return filter((event) => readEvent('filterEvents', event, isMatch));
}
