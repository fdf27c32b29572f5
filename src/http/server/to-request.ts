import type { IncomingMessage } from 'node:http';
import { readBody } from './limit-body.ts';

/** Request of a framework that has read the body before the handler is called. */
type ParsedRequest = IncomingMessage & { readonly body?: unknown };

/**
 * Returns the URL of a request. Without a valid `Host` header, the host of the URL is only a placeholder, because handlers
 * use the path and the query.
 */
function urlOf({ url = '/', headers, socket }: IncomingMessage): URL {
  const protocol = 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
  const path = url.startsWith('/') ? url : absolutePath(url);
  const host = headers.host ?? headers[':authority'];
  const base = `${protocol}://${host}`;
  return new URL(`${URL.canParse(base) ? new URL(base).origin : `${protocol}://localhost`}${path}`);
}

/** Returns the path and the query of a request target that is not a path, such as a URL with a host or `*`. */
function absolutePath(target: string): string {
  if (!URL.canParse(target)) return '/';
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}

/** Returns the headers of a request. Pseudo-headers of HTTP/2, such as `:path`, are not headers of Fetch. */
const headersOf = ({ headers }: IncomingMessage): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    name.startsWith(':') || value === undefined ? [] : [[name, String(value)]],
  );

/** Converts a body that a framework has parsed back to text or bytes. */
const textOf = (parsed: unknown): string | Uint8Array<ArrayBuffer> => {
  if (typeof parsed === 'string') return parsed;
  return parsed instanceof Uint8Array ? Uint8Array.from(parsed) : JSON.stringify(parsed);
};

/** Returns the body of a request. A body that a framework has parsed already is in `req.body`. */
async function bodyOf(req: ParsedRequest): Promise<string | Uint8Array<ArrayBuffer>> {
  if (req.body !== undefined) return textOf(req.body);
  if (req.readableEnded) return '';
  // By default, the end of an iteration would destroy the connection, which must still send the response.
  return readBody(req.iterator({ destroyOnReturn: false }));
}

/** Methods of requests without a body. */
const BODILESS = new Set(['GET', 'HEAD']);

/**
 * Returns a request of `node:http` as a request of Fetch.
 *
 * @param signal - Aborts when the connection closes.
 * @throws {@link BodyTooLargeError} if the body is too large.
 */
export async function toRequest(req: ParsedRequest, signal: AbortSignal): Promise<Request> {
  const { method = 'GET' } = req;
  return new Request(urlOf(req), {
    method,
    headers: headersOf(req),
    signal,
    ...(!BODILESS.has(method) && { body: await bodyOf(req) }),
  });
}
