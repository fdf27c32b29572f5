import {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  latest,
  trimHorizon,
} from '../../event/event-iterator.ts';
import type { ReadRequest } from './event-reader.ts';
import { InvalidParameterError } from './invalid-parameter.ts';
import { dateOf, filterOf, lastEventId, single, wholeNumber } from './query-parameters.ts';

const PARAMETERS = ['from', 'since', 'type', 'operation', 'key', 'limit', 'live'] as const;

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Returns the time of `since`: a duration before `now`, or a date with a time zone. */
function timeOf(text: string, now: number): Date {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now - Number(count) * UNITS[unit as keyof typeof UNITS]);
  const date = dateOf(text);
  if (date !== undefined) return date;
  const expected = 'must be a duration such as 2h, or a time such as 2026-01-31T12:00:00Z';
  throw new InvalidParameterError('since', expected);
}

type Start = Pick<ReadRequest, 'iterator' | 'parameter'>;

function fromOf(query: URLSearchParams): Start | undefined {
  const text = single(query, 'from');
  if (text === undefined) return undefined;
  if (text === 'trim_horizon') return { iterator: trimHorizon(), parameter: 'from' };
  if (text === 'latest') return { iterator: latest(), parameter: 'from' };
  const seqNum = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seqNum)) {
    return { iterator: atSequenceNumber(seqNum), parameter: 'from' };
  }
  throw new InvalidParameterError('from', 'must be a sequence number, trim_horizon or latest');
}

function startOf(request: Request, query: URLSearchParams, now: number): Start {
  const from = fromOf(query);
  const since = single(query, 'since');
  if (from !== undefined && since !== undefined) {
    throw new InvalidParameterError('since', 'must not be combined with from');
  }
  const time = since === undefined ? undefined : timeOf(since, now);
  const lastId = lastEventId(request);
  if (lastId !== undefined) return { iterator: afterSequenceNumber(lastId), parameter: 'Last-Event-ID' };
  return from ?? { iterator: time === undefined ? trimHorizon() : atTimestamp(time), parameter: 'since' };
}

function liveOf(query: URLSearchParams): boolean | undefined {
  const text = single(query, 'live');
  if (text === undefined || text === 'true') return text === undefined ? undefined : true;
  if (text === 'false') return false;
  throw new InvalidParameterError('live', 'must be true or false');
}

function assertKnown(query: URLSearchParams, hostParameters: readonly string[]): void {
  const known: readonly string[] = [...PARAMETERS, ...hostParameters];
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InvalidParameterError(
    unknown,
    `is not a known parameter; the parameters are ${PARAMETERS.join(', ')}`,
  );
}

/** Parameters of a request for `/events`, after parsing. */
export type EventsQuery = Omit<ReadRequest, 'live'> & {
  /** Whether the response continues with new events; `undefined` for the default of the media type. */
  readonly live: boolean | undefined;
};

/**
 * Parses the query and the headers of a request for `/events`.
 *
 * @param now - Current time in milliseconds since 1970.
 * @throws `InvalidParameterError` if a parameter is not valid or not known.
 */
export function parseEventsQuery(
  request: Request,
  hostParameters: readonly string[],
  now: number,
): EventsQuery {
  const query = new URL(request.url).searchParams;
  assertKnown(query, hostParameters);
  return {
    ...startOf(request, query, now),
    filter: filterOf(query),
    limit: wholeNumber(query, 'limit', 1) ?? Number.POSITIVE_INFINITY,
    live: liveOf(query),
  };
}
