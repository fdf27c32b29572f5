import { defer, firstValueFrom, fromEvent, type Observable, takeUntil } from 'rxjs';
import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import { reporterOf } from '../../store/reporting/logger.ts';
import { requireStore } from '../../store/require-store.ts';
import { check } from '../../validation/check.ts';
import { textOf } from '../../validation/format-value.ts';
import { createHttpHandler, type HttpHandler } from '../http-handler.ts';
import { problem } from '../problem.ts';
import { toJson } from './event-json.ts';
import type { FeedContext } from './feed-context.ts';
import { DEFAULTS, type FeedOptions, FeedOptionsCodec, type ResolvedFeedOptions } from './feed-options.ts';
import type { Encode } from './feed-page.ts';
import { problemOf } from './feed-problem.ts';
import { Heartbeat } from './heartbeat.ts';
import { respondToEvents } from './respond-to-events.ts';
import { respondToStream } from './respond-to-stream.ts';
import { SharedPages } from './shared-pages.ts';
import { stateMessage } from './stream-message.ts';

/** Function that answers a request for one resource of the feed. */
type RespondToResource = (context: FeedContext, request: Request) => Observable<Response>;

/** Functions that answer the requests for each resource, by the last segment of the path. */
const RESOURCES: ReadonlyMap<string, RespondToResource> = new Map([
  ['events', respondToEvents],
  ['stream', respondToStream],
]);

const ALLOWED = { allow: 'GET, HEAD, OPTIONS' } as const;

/** Status code of a response that no client receives, because the client has closed the connection. */
const CLIENT_CLOSED = 499;

/** Seconds after which a client should repeat a request if the store is closed, for example during a restart. */
const RETRY_AFTER = '5';

function createContext<E extends Event>(store: EventStore<E>, options: ResolvedFeedOptions): FeedContext {
  const { redact, streamMessage = stateMessage } = options;
  const toStreamJson: Encode = (events) =>
    `[${events.map((event) => toJson(streamMessage(event))).join(',')}]`;
  const logger = reporterOf(store.internals.logger);
  return {
    store: store as unknown as EventStore,
    options,
    pages: new SharedPages(store as unknown as EventStore, redact),
    heartbeat: new Heartbeat(options.heartbeatInterval, store.internals.scheduler),
    toStreamJson,
    toStreamSse: (events) => `event: data\ndata:${toStreamJson(events)}\n\n`,
    report: (error) => logger.error(`feed: a response has failed: ${textOf(error)}`),
  };
}

/** Waits for the response. If the client closes the connection before the response, the work for the response ends. */
async function settled(response$: Observable<Response>, { signal }: Request): Promise<Response> {
  const closed = new Response(null, { status: CLIENT_CLOSED });
  if (signal.aborted) return closed;
  return firstValueFrom(response$.pipe(takeUntil(fromEvent(signal, 'abort'))), { defaultValue: closed });
}

/**
 * Creates a feed: an HTTP handler that sends the events of a store to browsers and services. The feed answers each path with
 * the last segment `events` or `stream`, under any prefix.
 *
 * - `GET /events` sends events as server-sent events, as newline-delimited JSON or as CloudEvents.
 * - `GET /stream` is the read side of the protocol Durable Streams 1.0, with messages of the State Protocol 1.0.
 *
 * Authentication, CORS and compression belong to the host of the handler. A client that reads slowly delays only its own reads
 * of the store. All responses end when the store is closed.
 *
 * @param store - Store of the events. The feed only reads the store.
 * @param options - Options of the feed.
 * @throws `InvalidOptionsError` if an argument is not valid.
 * @see [Streaming to browsers and services](../../../docs/guides/streaming-to-browsers-and-services.md)
 * @example
 * const feed = createFeed(store);
 * createServer(feed.node).listen(8080); // new EventSource('/events?from=latest') in a browser
 */
export function createFeed<E extends Event>(store: EventStore<E>, options: FeedOptions<E> = {}): HttpHandler {
  requireStore('store', store, 'getEvents', 'getLatestSeqNum');
  const checked = check(
    FeedOptionsCodec,
    options,
    (faults) => new InvalidOptionsError('options of createFeed', faults),
  );
  const context = createContext(store, { ...DEFAULTS, ...checked } as ResolvedFeedOptions);

  const answer = async (respond: RespondToResource, request: Request): Promise<Response> => {
    try {
      return await settled(
        defer(() => respond(context, request)),
        request,
      );
    } catch (error) {
      const details = problemOf(error);
      if (details !== undefined) {
        return problem(details.status, details, details.status === 503 ? { 'retry-after': RETRY_AFTER } : {});
      }
      context.report(error);
      throw error;
    }
  };

  return createHttpHandler(async (request) => {
    const respond = RESOURCES.get(new URL(request.url).pathname.split('/').at(-1) ?? '');
    if (respond === undefined) return undefined;
    switch (request.method) {
      case 'GET':
        return answer(respond, request);
      case 'HEAD': {
        const { status, headers, body } = await answer(respond, request);
        await body?.cancel();
        return new Response(null, { status, headers });
      }
      case 'OPTIONS':
        return new Response(null, { status: 204, headers: ALLOWED });
      default:
        return problem(405, { title: 'Method not allowed', detail: 'The feed can only be read.' }, ALLOWED);
    }
  });
}
