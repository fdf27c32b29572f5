import { filter, type OperatorFunction } from 'rxjs';
import type { Event } from '../event/event.ts';
import { readEvent } from './read-event.ts';

/** Members of the union `E` with the object type `K`. If the object type of `E` is `string`, it is narrowed to `K`. */
export type EventOfType<E extends Event, K extends string> = E extends { readonly objectType: K }
  ? E
  : K extends E['objectType']
    ? E & { readonly objectType: K }
    : never;

/**
 * Emits the events of these object types, and narrows the type of `event.object` accordingly.
 *
 * @see {@link filterEvents} to filter by operation.
 * @example
 * store.events(trimHorizon()).pipe(ofType('Job')) // event.object is a Job, if the store has codecs
 */
export const ofType = <E extends Event, K extends E['objectType']>(
  ...objectTypes: readonly K[]
): OperatorFunction<E, EventOfType<E, K>> => {
  const isOfType = ({ objectType }: E) => (objectTypes as readonly string[]).includes(objectType);
  return filter((event): event is EventOfType<E, K> => readEvent('ofType', event, isOfType));
};
