import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventFilter, EventFilterCodec, matches } from '../event/event-filter.ts';
import { check } from '../validation/check.ts';
import { readEvent } from './read-event.ts';

/**
 * Emits the events that match an `EventFilter`.
 *
 * Prefer the option `filter` of `events`, `getEvents` and `watch`: the store then does not decode excluded events.
 *
 * @throws {@link InvalidOptionsError} if the filter is not valid; thrown by the call. The error lists every fault.
 * @see {@link ofType} to filter by object type and to narrow the type of the objects.
 * @example
 * events$.pipe(filterEvents({ operations: ['DELETE'] }))
 */
export function filterEvents<E extends Event>(eventFilter: EventFilter): MonoTypeOperatorFunction<E> {
  const checked = check(EventFilterCodec, eventFilter, (faults) => new InvalidOptionsError('filter', faults));
  const isMatch = ({ operation, objectType, key }: E) => matches(checked, operation, objectType, key);
  return filter((event) => readEvent('filterEvents', event, isMatch));
}
