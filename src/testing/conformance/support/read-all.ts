import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import {
  type Event,
  type EventIterator,
  type EventStore,
  type EventsOptions,
  type GetEventsRequest,
  type GetEventsResponse,
  trimHorizon,
} from '../../../index.ts';

/** All that is stored now. */
export const readAll = (
  store: EventStore,
  from: EventIterator = trimHorizon(),
  options: EventsOptions = {},
): Promise<Event[]> => lastValueFrom(store.events(from, { ...options, live: false }).pipe(toArray()));

/** Reads all of it again and again: what has not happened by then is not waiting for an engine that takes its time. */
export async function readAgain(store: EventStore): Promise<void> {
  for (let time = 0; time < 3; time++) await readAll(store);
}

/** One page. */
export const readPage = (
  store: EventStore,
  iterator: EventIterator,
  request: Omit<GetEventsRequest, 'iterator'> = {},
): Promise<GetEventsResponse> => firstValueFrom(store.getEvents({ iterator, ...request }));
