import * as t from 'io-ts';
import { EventFilterCodec } from '../event/event-filter.ts';
import { EventIteratorCodec } from '../event/event-iterator.ts';
import { delay, durationOrInfinity, wholeFrom } from '../validation/numbers.ts';

/** What `events` takes. */
export const EventsArguments = t.intersection([
  t.type({ from: EventIteratorCodec }),
  t.partial({ filter: EventFilterCodec, batchSize: wholeFrom(1), live: t.boolean }),
]);

/** What `getEvents` takes. */
export const GetEventsArguments = t.intersection([
  t.type({ iterator: EventIteratorCodec }),
  t.partial({
    limit: wholeFrom(0),
    batchSize: wholeFrom(1),
    filter: EventFilterCodec,
    longPollingTimeout: durationOrInfinity,
    onProgress: t.Function,
    progressInterval: delay,
    watcherId: t.string,
  }),
]);
