import { createFeed } from '../../../src/http/feed/create-feed.ts';
import type { HttpHandler } from '../../../src/http/http-handler.ts';
import { createHttpHandler } from '../../../src/http/http-handler.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Stream of the conformance suite: a store in memory, and the feed that reads it. */
interface Stream {
  readonly store: EventStore;
  readonly feed: HttpHandler;
  readonly contentType: string;
}

/** Maximum size of a body that the shim appends, in bytes. An event cannot be much larger. */
const MAX_BYTES = 1024 * 1024;

const mediaType = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase();

const isJson = (type: string): boolean => mediaType(type) === 'application/json';

const respond = (status: number, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status, headers: { 'x-content-type-options': 'nosniff', ...headers } });

const isText = (type: string): boolean => mediaType(type).startsWith('text/');

/** Returns the messages of a body. In JSON mode, an array contains one message per item. */
function messagesOf(body: Buffer, contentType: string): readonly unknown[] {
  if (!isJson(contentType)) return [body.toString('base64')];
  const value: unknown = JSON.parse(body.toString());
  return Array.isArray(value) ? value : [value];
}

/** Returns the bytes of messages of text or bytes, which the feed stores as base64 strings in a JSON array. */
const toBytes = (json: string): Buffer =>
  Buffer.concat((JSON.parse(json) as readonly string[]).map((message) => Buffer.from(message, 'base64')));

/** Converts a `data` event with a JSON array of messages to a `data` event with their bytes. */
const toByteEvent =
  (contentType: string) =>
  (event: string): string => {
    const json = /^event: data\ndata:(.*)$/s.exec(event)?.[1];
    if (json === undefined) return event;
    const text = toBytes(json).toString(isText(contentType) ? 'utf8' : 'base64');
    return ['event: data', ...text.split(/\r\n|\r|\n/).map((line) => `data:${line}`)].join('\n');
  };

/**
 * Converts a response of the feed to text or bytes. The feed has only JSON mode, but most tests of the suite use streams of
 * text or bytes. The feed therefore stores each message of such a stream as a JSON string. Status, headers, offsets and order
 * are those of the feed.
 */
async function toContentType(response: Response, contentType: string): Promise<Response> {
  const { status, body } = response;
  const headers = new Headers(response.headers);
  if (headers.get('content-type') === 'text/event-stream') {
    if (!isText(contentType)) headers.set('stream-sse-data-encoding', 'base64');
    const events = (body as ReadableStream<Uint8Array>).pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          const text = Buffer.from(chunk).toString();
          controller.enqueue(Buffer.from(text.split('\n\n').map(toByteEvent(contentType)).join('\n\n')));
        },
      }),
    );
    return new Response(events, { status, headers });
  }
  if (headers.get('content-type') === 'application/json') headers.set('content-type', contentType);
  if (status !== 200 || body === null) return new Response(body, { status, headers });
  return new Response(Uint8Array.from(toBytes(await response.text())), { status, headers });
}

/**
 * Creates a handler with the write side of Durable Streams that the conformance suite needs: create, append and delete.
 * Reads are answered by the feed.
 */
export function createWriteShim(longPollTimeout: number): HttpHandler {
  const streams = new Map<string, Stream>();

  const append = async ({ store, contentType }: Stream, body: Buffer): Promise<string> => {
    const messages = messagesOf(body, contentType);
    const events = await store.storeEvents(
      messages.map((object) => ({ operation: 'CREATE', objectType: 'Message', object })),
    );
    return String(events.at(-1)?.seqNum ?? 0).padStart(16, '0');
  };
  const create = async (path: string, request: Request): Promise<Response> => {
    const contentType = request.headers.get('content-type') ?? 'application/octet-stream';
    const existing = streams.get(path);
    if (existing !== undefined) {
      return respond(mediaType(existing.contentType) === mediaType(contentType) ? 200 : 409, {
        'content-type': existing.contentType,
      });
    }
    const store = createMemoryStore();
    const feed = createFeed(store, { longPollTimeout, streamMessage: ({ object }) => object });
    const stream = { store, feed, contentType };
    const body = Buffer.from(await request.arrayBuffer());
    const offset = body.length === 0 ? '0'.repeat(16) : await append(stream, body);
    streams.set(path, stream);
    return respond(201, { 'content-type': contentType, 'stream-next-offset': offset, location: request.url });
  };
  const write = async (stream: Stream, request: Request): Promise<Response> => {
    const contentType = request.headers.get('content-type');
    if (contentType === null) return respond(400);
    if (mediaType(contentType) !== mediaType(stream.contentType)) return respond(409);
    const body = Buffer.from(await request.arrayBuffer());
    if (body.length === 0) return respond(400);
    if (body.length > MAX_BYTES) return respond(413);
    try {
      if (messagesOf(body, contentType).length === 0) return respond(400);
    } catch {
      return respond(400);
    }
    return respond(204, { 'stream-next-offset': await append(stream, body) });
  };
  const read = async ({ feed, contentType }: Stream, request: Request): Promise<Response> => {
    const url = new URL(request.url);
    url.pathname = '/stream';
    const { method, headers, signal } = request;
    const response = await feed.fetch(new Request(url, { method, headers, signal }));
    return isJson(contentType) ? response : toContentType(response, contentType);
  };

  return createHttpHandler(async (request) => {
    const path = new URL(request.url).pathname;
    const { method } = request;
    const stream = streams.get(path);
    if (method === 'PUT') return create(path, request);
    if (stream === undefined) return respond(404);
    if (method === 'POST') return write(stream, request);
    if (method === 'DELETE') {
      streams.delete(path);
      await stream.store.close();
      return respond(204);
    }
    return read(stream, request);
  });
}
