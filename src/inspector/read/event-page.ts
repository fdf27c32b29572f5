import { defaultIfEmpty, firstValueFrom, map, take } from 'rxjs';
import { SequenceTrimmedError } from '../../errors.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import { afterSequenceNumber, atTimestamp } from '../../event/event-iterator.ts';
import { InvalidParameterError } from '../../http/feed/invalid-parameter.ts';
import { setImmediate } from '../../scheduling/clock.ts';
import type { EventPage, EventRow } from '../api.ts';
import type { InspectorContext } from '../inspector-context.ts';
import { FILTER_PARAMETERS, readQuery } from '../request/read-query.ts';
import { readPage, toRow } from './event-rows.ts';

/** Number of events of a page by default. */
const LIMIT = 50;

/** Maximum number of events of a page. */
const MAX_LIMIT = 500;

/**
 * Maximum number of events that one request scans. Without this limit, a request with a filter that matches nothing would
 * read the whole log.
 */
const MAX_SCANNED = 50_000;

/** Maximum number of events that one read scans. */
const READ_SIZE = 10_000;

/** Matching events, and the part of the log that was searched, from `first` to `last` inclusive. */
interface Found {
  readonly first: number;
  readonly last: number;
  readonly rows: readonly EventRow[];
}

/** Part of the log that is searched, and the filter and the limit of the page. */
interface Search {
  /** First sequence number of the part. */
  readonly lower: number;
  /** First sequence number after the part. */
  readonly upper: number;
  readonly filter: EventFilter | undefined;
  readonly limit: number;
  /** Ends the search when the client closes the connection, because no client receives the page. */
  readonly signal: AbortSignal;
}

/**
 * Reads the matching events from `first` to `last` in several reads. The events of each read are immediately converted to
 * rows, because the objects of all reads together can be large.
 *
 * @param limit - Maximum number of events.
 * @param keep - Maximum number of rows that are kept of each read. The last rows of the read are kept.
 */
async function* readRows(
  context: InspectorContext,
  { first, last, filter, signal }: Pick<Search, 'filter' | 'signal'> & Pick<Found, 'first' | 'last'>,
  limit: number,
  keep = limit,
): AsyncGenerator<{ readonly rows: readonly EventRow[]; readonly count: number; readonly position: number }> {
  let position = first - 1;
  let left = limit;
  while (position < last && left > 0 && !signal.aborted) {
    const request = {
      iterator: afterSequenceNumber(position),
      limit: left,
      batchSize: Math.min(last - position, READ_SIZE),
      filter,
      longPollingTimeout: 0,
    };
    const { events, next } = await firstValueFrom(readPage(context, request));
    const reached = 'sequenceNumber' in next ? next.sequenceNumber : position;
    if (reached <= position) return; // The read has found the end of the log.
    position = reached;
    left -= events.length;
    const rows = events.slice(-keep).map((event) => toRow(context, event));
    yield { rows, count: events.length, position };
    // Reads of some engines are synchronous. Without this turn, they would block the event loop, and delay the signal.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Returns the page that starts at a sequence number. */
async function readForwards(context: InspectorContext, search: Search, from: number): Promise<Found> {
  const { upper, filter, limit, signal } = search;
  const rows: EventRow[] = [];
  let last = from - 1;
  const part = { first: from, last: Math.min(upper, from + MAX_SCANNED) - 1, filter, signal };
  for await (const read of readRows(context, part, limit)) {
    rows.push(...read.rows);
    last = read.position;
  }
  return { first: from, last, rows };
}

/**
 * Returns the page that ends before a sequence number. A log can be read only forwards. The search therefore reads one part
 * of the log after another, from the newest part to older parts. Each part is four times as long as the part before, because
 * the newer parts contained too few matching events.
 */
async function readBackwards(context: InspectorContext, search: Search, before: number): Promise<Found> {
  const { lower, filter, limit, signal } = search;
  const least = Math.max(lower, before - MAX_SCANNED);
  let rows: readonly EventRow[] = [];
  let first = before;
  for (let size = limit; first > least && rows.length < limit; size *= 4) {
    const part = { first: Math.max(least, first - size), last: first - 1, filter, signal };
    const missing = limit - rows.length;
    let found: readonly EventRow[] = [];
    let count = 0;
    for await (const read of readRows(context, part, Number.MAX_SAFE_INTEGER, missing)) {
      found = [...found, ...read.rows].slice(-missing);
      count += read.count;
    }
    rows = [...found, ...rows];
    // If the part contains more matching events than the page can take, the page begins at its first event.
    first = count > found.length ? (found[0] as EventRow).seqNum : part.first;
  }
  return { first, last: before - 1, rows };
}

/** Returns the number of the first event at a date or later; `end` if there is no such event. */
const seqNumAt = ({ store }: InspectorContext, date: Date, end: number): Promise<number> =>
  firstValueFrom(
    store.headers(atTimestamp(date), { live: false, batchSize: 1 }).pipe(
      take(1),
      map(({ seqNum }) => seqNum),
      defaultIfEmpty(end),
    ),
  );

/** Position and conditions of a page. */
interface PageRequest extends Pick<Search, 'filter' | 'limit' | 'signal'> {
  readonly from: number | undefined;
  readonly before: number | undefined;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

function pageRequestOf(request: Request): PageRequest {
  const query = readQuery(request, ['from', 'before', 'since', 'until', 'limit', ...FILTER_PARAMETERS]);
  const [from, before] = [query.whole('from', 0), query.whole('before', 0)];
  if (from !== undefined && before !== undefined) {
    throw new InvalidParameterError('before', 'must not be combined with from');
  }
  return {
    from,
    before,
    since: query.date('since'),
    until: query.date('until'),
    filter: query.filter(),
    limit: query.whole('limit', 1, MAX_LIMIT) ?? LIMIT,
    signal: request.signal,
  };
}

async function readEventPage(context: InspectorContext, request: PageRequest): Promise<EventPage> {
  const { from, before, since, until, filter, limit, signal } = request;
  const { oldestSeqNum: oldest, latestSeqNum: latest } = await firstValueFrom(context.store.info());
  const end = latest + 1;
  const lower = Math.max(oldest, since === undefined ? 0 : await seqNumAt(context, since, end));
  const upper = until === undefined ? end : Math.max(lower, await seqNumAt(context, until, end));
  const search = { lower, upper, filter, limit, signal };
  const bounded = (seqNum: number) => Math.min(Math.max(seqNum, lower), upper);
  const { first, last, rows } =
    from === undefined
      ? await readBackwards(context, search, bounded(before ?? upper))
      : await readForwards(context, search, bounded(from));
  return {
    events: rows,
    first,
    last,
    previous: first > lower ? first : null,
    next: last < upper - 1 ? last + 1 : null,
    oldest,
    latest,
  };
}

/** Number of times that a page is read again because events were trimmed during the request. */
const RETRIES = 3;

/** Returns the response of `GET api/events`. */
export async function eventPage(context: InspectorContext, request: Request): Promise<EventPage> {
  const pageRequest = pageRequestOf(request);
  for (let retries = 0; ; retries++) {
    try {
      return await readEventPage(context, pageRequest);
    } catch (error) {
      if (!(error instanceof SequenceTrimmedError) || retries === RETRIES) throw error;
    }
  }
}
