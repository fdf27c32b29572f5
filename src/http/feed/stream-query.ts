import type { EventFilter } from '../../event/event-filter.ts';
import { InvalidParameterError } from './invalid-parameter.ts';
import { filterOf, single } from './query-parameters.ts';

/** Number of digits of an offset. All offsets have the same length, so that a comparison as text is correct. */
const DIGITS = 16;

/** Returns the offset after an event, for example `0000000000000042`. */
export const offsetAfter = (seqNum: number): string => String(seqNum).padStart(DIGITS, '0');

/** Parameters of a request for `/stream`, after parsing. */
export interface StreamQuery {
  /** Position after which the events start: the number of an event, the start of the log, or the end of the log. */
  readonly offset: number | 'begin' | 'now';
  readonly live: 'long-poll' | 'sse' | undefined;
  /** Cursor that the client repeats from the previous response. */
  readonly cursor: string | undefined;
  readonly filter: EventFilter | undefined;
}

function offsetOf(query: URLSearchParams): StreamQuery['offset'] | undefined {
  const text = single(query, 'offset');
  if (text === undefined) return undefined;
  if (text === '-1') return 'begin';
  if (text === 'now') return 'now';
  const seqNum = Number(text);
  if (/^\d{16}$/.test(text) && Number.isSafeInteger(seqNum)) return seqNum;
  throw new InvalidParameterError('offset', 'must be -1, now, or an offset that a response has returned');
}

function liveOf(query: URLSearchParams): StreamQuery['live'] {
  const text = single(query, 'live');
  if (text === undefined || text === 'long-poll' || text === 'sse') return text;
  throw new InvalidParameterError('live', 'must be long-poll or sse');
}

/**
 * Parses the query of a request for `/stream`. Unknown parameters are ignored, as the protocol requires.
 *
 * @throws `InvalidParameterError` if a parameter is not valid.
 */
export function parseStreamQuery({ url }: Request): StreamQuery {
  const query = new URL(url).searchParams;
  const offset = offsetOf(query);
  const live = liveOf(query);
  if (offset === undefined && live !== undefined) {
    throw new InvalidParameterError('offset', 'must be present with live');
  }
  return { offset: offset ?? 'begin', live, cursor: single(query, 'cursor'), filter: filterOf(query) };
}
