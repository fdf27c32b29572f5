import type { Event } from 'rx-watcher';
import { createInspector, type InspectorOptions } from 'rx-watcher/inspector';
import { onTestFinished } from 'vitest';

/** Origin of the requests of tests. The path shows that the inspector works under a prefix. */
const BASE = 'http://host.test/admin/inspector/';

/** JSON document of any shape. */
// biome-ignore lint/suspicious/noExplicitAny: tests read single members of documents, and compare them with expected values
export type Json = any;

/** Response to a request of a test. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** Event of a stream of server-sent events. */
export interface StreamEvent {
  /** Name of the server-sent event; `undefined` if it has only an id and data. */
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly data: Json;
}

/** Stream of server-sent events. */
export interface Stream {
  readonly headers: Headers;
  /** Skips comments, and returns the next event; `undefined` at the end. */
  next(): Promise<StreamEvent | undefined>;
  /** Returns the next event with this name. Skips all other events. */
  nextNamed(name: string): Promise<StreamEvent>;
  /** Closes the connection. */
  close(): Promise<void>;
}

/** Client that sends requests to an inspector. `get` and `post` parse the JSON of the response. */
export interface Client {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  get(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  stream(path: string, headers?: Readonly<Record<string, string>>): Promise<Stream>;
}

function parse(block: string): StreamEvent {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );
  const data = fields.get('data');
  return {
    name: fields.get('event'),
    id: fields.get('id'),
    data: data === undefined ? undefined : JSON.parse(data),
  };
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const event of blocks.map(parse)) if (event.data !== undefined) yield event;
  }
}

/** Returns a client of a function that answers requests. */
export function clientOf(respond: (request: Request) => Promise<Response>, base = BASE): Client {
  const fetch: Client['fetch'] = (path, init) => respond(new Request(new URL(path, base), init));
  const answer = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(path, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  };
  return {
    fetch,
    get: answer,
    post: (path, body = {}, headers = {}) =>
      answer(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async stream(path, headers = {}) {
      const response = await fetch(path, { headers });
      const events = eventsOf(response.body as ReadableStream<Uint8Array>);
      const close = async () => void (await events.return(undefined));
      onTestFinished(close);
      const next = async () => (await events.next()).value as StreamEvent | undefined;
      return {
        headers: response.headers,
        next,
        close,
        async nextNamed(name) {
          for (;;) {
            const event = await next();
            if (event === undefined) throw new Error(`the stream ended without an event '${name}'`);
            if (event.name === name) return event;
          }
        },
      };
    },
  };
}

export const inspect = <E extends Event>(options: InspectorOptions<E>): Client =>
  clientOf(createInspector(options).fetch);
