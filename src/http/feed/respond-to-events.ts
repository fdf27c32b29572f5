import { catchError, map, type Observable, of, switchMap } from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import { toCloudEvent } from '../../event/cloud-event.ts';
import type { Event } from '../../event/event.ts';
import { observableBody } from '../observable-body.ts';
import { problem } from '../problem.ts';
import { eventToJson, toJson } from './event-json.ts';
import { type EventReader, openReader } from './event-reader.ts';
import { type EventsQuery, parseEventsQuery } from './events-query.ts';
import type { FeedContext } from './feed-context.ts';
import type { Encode, FeedPage } from './feed-page.ts';
import { InvalidParameterError } from './invalid-parameter.ts';
import { preferred } from './media-type.ts';
import { PAGE_EVENTS } from './shared-pages.ts';
import { SSE_HEADERS, sseBody } from './sse.ts';

const NDJSON = 'application/x-ndjson';
const SSE = 'text/event-stream';
const CLOUD_EVENTS = 'application/cloudevents+json';
const CLOUD_EVENTS_BATCH = 'application/cloudevents-batch+json';

/** Media types of `/events`. The first one is the default. */
const MEDIA_TYPES = [NDJSON, SSE, CLOUD_EVENTS_BATCH, CLOUD_EVENTS] as const;

const HEADERS = { 'cache-control': 'no-store', vary: 'accept', 'x-content-type-options': 'nosniff' } as const;

const toNdjson: Encode = (events) => events.map((event) => `${eventToJson(event)}\n`).join('');

const toSse: Encode = (events) =>
  events.map((event) => `id: ${event.seqNum}\ndata: ${eventToJson(event)}\n\n`).join('');

const idText = (position: number): string => `id: ${position}\n\n`;

function respondWithSse(context: FeedContext, query: EventsQuery): Observable<Response> {
  const { live = true } = query;
  return openReader(context.store, context.pages, { ...query, live }).pipe(
    map((reader) => {
      // `EventSource` connects again after the end of a stream, and status 204 ends these attempts.
      if (!live && !reader.startsWithEvents && reader.isAtEnd) {
        return new Response(null, { status: 204, headers: HEADERS });
      }
      const body = sseBody(context, reader, {
        // An `EventSource` that loses its connection before the first event continues after this id. Without the id, it
        // would miss the events in between.
        begin: reader.startsWithEvents ? '' : idText(reader.position),
        pageChunk: (page) => of(page.chunk(toSse)),
        positionText: idText,
        isDue: () => false,
      });
      return new Response(body, { headers: { ...HEADERS, ...SSE_HEADERS } });
    }),
  );
}

/**
 * Responds with one JSON text per line. If a read fails, the connection is closed, because a line for the error would not be
 * an event.
 */
function respondWithNdjson(context: FeedContext, query: EventsQuery): Observable<Response> {
  const { store, pages, report } = context;
  return openReader(store, pages, { ...query, live: query.live ?? false }).pipe(
    map((reader) => {
      const chunk$ = reader.page$.pipe(
        map((page) => page.chunk(toNdjson)),
        catchError((error) => {
          if (error instanceof StoreClosedError) return [];
          report(error);
          throw error;
        }),
      );
      const body = observableBody(() => chunk$, store.internals.scheduler);
      return new Response(body, { headers: { ...HEADERS, 'content-type': NDJSON } });
    }),
  );
}

/** Responds with one page of CloudEvents, and a link to the next page. */
function respondWithCloudEvents(context: FeedContext, query: EventsQuery, url: URL): Observable<Response> {
  const { store, pages, options } = context;
  if (query.live === true) {
    throw new InvalidParameterError('live', `must be false for ${CLOUD_EVENTS_BATCH}, which has an end`);
  }
  const limit = Math.min(query.limit, PAGE_EVENTS);
  const toCloud = (event: Event) => toCloudEvent(event, { source: options.source });
  return openReader(store, pages, { ...query, limit, live: false }).pipe(
    switchMap((reader) => reader.page$.pipe(map((page) => ({ page, reader })))),
    map(({ page, reader }) => {
      const link = nextLink(url, reader, page, query.limit);
      const headers = { ...HEADERS, 'content-type': CLOUD_EVENTS_BATCH, ...(link && { link }) };
      return new Response(toJson(page.events.map(toCloud)), { headers });
    }),
  );
}

/** Returns the value of a `Link` header with the next page; `undefined` if the reader is at the end or has reached its limit. */
function nextLink(url: URL, reader: EventReader, page: FeedPage, limit: number): string | undefined {
  const remaining = limit - page.events.length;
  if (reader.isAtEnd || remaining === 0) return undefined;
  const query = new URLSearchParams(url.searchParams);
  query.delete('since');
  query.set('from', String(reader.position + 1));
  if (Number.isFinite(remaining)) query.set('limit', String(remaining));
  return `<?${query}>; rel="next"`;
}

/** Answers `GET /events`. Errors if the query is not valid, or if the first read fails. */
export function respondToEvents(context: FeedContext, request: Request): Observable<Response> {
  const type = preferred(request.headers.get('accept'), MEDIA_TYPES);
  if (type === undefined) {
    const detail = `The resource is available as ${[...MEDIA_TYPES].join(', ')}.`;
    return of(problem(406, { title: 'Not acceptable', detail }, { vary: 'accept' }));
  }
  const { hostParameters } = context.options;
  const query = parseEventsQuery(request, hostParameters, context.store.internals.scheduler.now());
  if (type === SSE) return respondWithSse(context, query);
  if (type === NDJSON) return respondWithNdjson(context, query);
  return respondWithCloudEvents(context, query, new URL(request.url));
}
