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

/** Resolves to the stored events from an iterator on. Does not wait for further appends. */
export const readAll = (
  store: EventStore,
  from: EventIterator = trimHorizon(),
  options: EventsOptions = {},
): Promise<Event[]> => lastValueFrom(store.events(from, { ...options, live: false }).pipe(toArray()));

/** Reads all events three times, so that an asynchronous engine has time for pending reads. */
export async function readAgain(store: EventStore): Promise<void> {
  for (let n = 0; n < 3; n++) await readAll(store);
}

/** Reads one page from an iterator on. By default, waits for `longPollingTimeout` if there are no events. */
export const readPage = (
  store: EventStore,
  iterator: EventIterator,
  request: Omit<GetEventsRequest, 'iterator'> = {},
): Promise<GetEventsResponse> => firstValueFrom(store.getEvents({ iterator, ...request }));
