import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import {
  type Event,
  type EventIterator,
  type EventStore,
  type EventsOptions,
  type GetEventsRequest,
  type GetEventsResponse,
  trimHorizon,
} from '../../index.ts';

/** All that is stored now. */
export const readAll = (
  store: EventStore,
  from: EventIterator = trimHorizon(),
  options: EventsOptions = {},
): Promise<Event[]> => lastValueFrom(store.events(from, { ...options, live: false }).pipe(toArray()));

/** One page. */
export const readPage = (
  store: EventStore,
  iterator: EventIterator,
  request: Omit<GetEventsRequest, 'iterator'> = {},
): Promise<GetEventsResponse> => firstValueFrom(store.getEvents({ iterator, ...request }));
