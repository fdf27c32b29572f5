import * as t from 'io-ts';
import { EventFilterCodec } from '../../event/event-filter.ts';
import { EventIteratorCodec } from '../../event/event-iterator.ts';
import { options } from '../../validation/options.ts';
import { described, durationOrInfinity, wholeFrom } from '../../validation/types.ts';

const onProgress = described(
  'a function',
  (value): value is (seqNum: number) => void => typeof value === 'function',
);

/** Codec of the options of `events` and `headers`. */
export const EventsOptionsCodec = options('{ live: false }', {
  filter: EventFilterCodec,
  batchSize: wholeFrom(1),
  live: t.boolean,
});

/** Codec of the request of `getEvents`, with the internal options of watchers. */
export const GetEventsRequestCodec = options(
  '{ iterator: trimHorizon(), limit: 10 }',
  {
    limit: wholeFrom(0),
    batchSize: wholeFrom(1),
    filter: EventFilterCodec,
    longPollingTimeout: durationOrInfinity,
    onProgress,
    watcherId: t.string,
  },
  { iterator: EventIteratorCodec },
  undefined,
  ['onProgress'],
);
