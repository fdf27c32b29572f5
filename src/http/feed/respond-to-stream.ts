import {
  defaultIfEmpty,
  EMPTY,
  expand,
  filter,
  map,
  type Observable,
  of,
  switchMap,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import { afterSequenceNumber, type EventIterator, latest, trimHorizon } from '../../event/event-iterator.ts';
import { inShallowStack } from '../../scheduling/event-loop-turn.ts';
import { type EventReader, openReader } from './event-reader.ts';
import type { FeedContext } from './feed-context.ts';
import type { FeedPage } from './feed-page.ts';
import { SSE_HEADERS, sseBody } from './sse.ts';
import { createCursor, nextCursor } from './stream-cursor.ts';
import { offsetAfter, parseStreamQuery, type StreamQuery } from './stream-query.ts';

const HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const NO_STORE = { 'cache-control': 'no-store' } as const;

const UP_TO_DATE = { 'stream-up-to-date': 'true' } as const;

const iteratorAt = (offset: StreamQuery['offset']): EventIterator => {
  if (offset === 'begin') return trimHorizon();
  return offset === 'now' ? latest() : afterSequenceNumber(offset);
};

const open = ({ store, pages }: FeedContext, { offset, filter }: StreamQuery): Observable<EventReader> =>
  openReader(store, pages, {
    iterator: iteratorAt(offset),
    parameter: 'offset',
    filter,
    limit: Number.POSITIVE_INFINITY,
    live: true,
  });

/**
 * Returns the entity tag of a page. The tag contains a timestamp, because another log can have events with the same numbers.
 */
const entityTag = ({ events }: FeedPage, position: number): string =>
  `"${events[0]?.seqNum ?? position + 1}-${position}-${events.at(-1)?.timestamp.getTime().toString(36) ?? ''}"`;

/** Returns whether the client already has the response with an entity tag. */
const isKnown = ({ headers }: Request, tag: string): boolean =>
  (headers.get('if-none-match') ?? '')
    .split(',')
    .some((known) => known.trim() === '*' || known.trim().replace(/^W\//, '') === tag);

/** Returns the response with a page. Events never change, so caches can store a page that contains events. */
function pageResponse(
  { options, toStreamJson }: FeedContext,
  request: Request,
  page: FeedPage,
  position: number,
  headers: Readonly<Record<string, string>>,
): Response {
  const etag = entityTag(page, position);
  const freshness = page.events.length > 0 ? 'max-age=60, stale-while-revalidate=300' : 'no-cache';
  const all = {
    ...HEADERS,
    'cache-control': `${options.cache}, ${freshness}`,
    etag,
    'stream-next-offset': offsetAfter(position),
    ...headers,
  };
  if (isKnown(request, etag)) return new Response(null, { status: 304, headers: all });
  return new Response(page.chunk(toStreamJson) as Uint8Array<ArrayBuffer>, { headers: all });
}

/** Responds with the events after an offset, without waiting for further events. */
function respondWithStored(context: FeedContext, request: Request, query: StreamQuery): Observable<Response> {
  if (query.offset === 'now') {
    return context.store.getLatestSeqNum().pipe(
      map((tail) => {
        const headers = { ...HEADERS, ...NO_STORE, ...UP_TO_DATE, 'stream-next-offset': offsetAfter(tail) };
        return new Response('[]', { headers });
      }),
    );
  }
  return open(context, query).pipe(
    switchMap((reader) =>
      reader.page$.pipe(
        map((page) =>
          pageResponse(context, request, page, reader.position, reader.isAtEnd ? UP_TO_DATE : {}),
        ),
      ),
    ),
  );
}

/** Responds with the next events after an offset, or with status 204 after the timeout. */
function respondToLongPoll(context: FeedContext, request: Request, query: StreamQuery): Observable<Response> {
  const { store, options } = context;
  const { scheduler } = store.internals;
  const cursorHeader = () => ({ 'stream-cursor': nextCursor(query.cursor, scheduler.now()) });

  const nothing = (reader: EventReader): Response =>
    new Response(null, {
      status: 204,
      headers: {
        ...HEADERS,
        ...NO_STORE,
        ...UP_TO_DATE,
        ...cursorHeader(),
        'stream-next-offset': offsetAfter(reader.position),
      },
    });
  const found = (page: FeedPage, { position }: EventReader): Observable<Response> =>
    store.getLatestSeqNum().pipe(
      map((tail) => {
        const headers = { ...cursorHeader(), ...(position >= tail && UP_TO_DATE) };
        return pageResponse(context, request, page, position, headers);
      }),
    );
  return open(context, query).pipe(
    switchMap((reader) =>
      reader.page$.pipe(
        expand(({ events }) => (events.length > 0 ? EMPTY : inShallowStack(reader.page$, scheduler))),
        filter(({ events }) => events.length > 0),
        take(1),
        takeUntil(timer(options.longPollTimeout, scheduler)),
        defaultIfEmpty(undefined),
        switchMap((page) => (page === undefined ? of(nothing(reader)) : found(page, reader))),
      ),
    ),
  );
}

/** Responds with server-sent events: a `data` event for each page, followed by a `control` event. */
function respondWithSse(context: FeedContext, query: StreamQuery): Observable<Response> {
  const { store, options, toStreamSse } = context;
  const { scheduler } = store.internals;
  const deadline = scheduler.now() + options.streamDuration;
  const cursor = createCursor(query.cursor, () => scheduler.now());

  const controlText = (position: number, isUpToDate: boolean): string => {
    const control = {
      streamNextOffset: offsetAfter(position),
      streamCursor: cursor(),
      ...(isUpToDate && { upToDate: true }),
    };
    return `event: control\ndata:${JSON.stringify(control)}\n\n`;
  };
  const pageChunk = (page: FeedPage, { position }: EventReader): Observable<Uint8Array> => {
    if (page.events.length === 0) return of(new Uint8Array());
    return store
      .getLatestSeqNum()
      .pipe(
        map((tail) =>
          Buffer.concat([page.chunk(toStreamSse), Buffer.from(controlText(position, position >= tail))]),
        ),
      );
  };
  return open(context, query).pipe(
    map((reader) => {
      const body = sseBody(context, reader, {
        begin: reader.startsWithEvents ? '' : controlText(reader.position, reader.isAtEnd),
        pageChunk: (page) => pageChunk(page, reader),
        positionText: (position) => controlText(position, true),
        isDue: () => scheduler.now() >= deadline,
      });
      return new Response(body, { headers: { ...HEADERS, ...SSE_HEADERS } });
    }),
  );
}

/** Answers `HEAD /stream` with the offset of the tail. */
const respondToHead = ({ store }: FeedContext): Observable<Response> =>
  store.getLatestSeqNum().pipe(
    map((tail) => {
      const headers = { ...HEADERS, ...NO_STORE, 'stream-next-offset': offsetAfter(tail) };
      return new Response(null, { headers });
    }),
  );

/** Answers `GET /stream` and `HEAD /stream`. Errors if the query is not valid, or if the first read fails. */
export function respondToStream(context: FeedContext, request: Request): Observable<Response> {
  const query = parseStreamQuery(request);
  if (request.method === 'HEAD') return respondToHead(context);
  if (query.live === 'sse') return respondWithSse(context, query);
  return query.live === 'long-poll'
    ? respondToLongPoll(context, request, query)
    : respondWithStored(context, request, query);
}
