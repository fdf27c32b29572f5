import type { IncomingMessage } from 'node:http';
import type { Event } from '../event/event.ts';
import { createHttpHandler, type HttpHandler, type Respond } from '../http/http-handler.ts';
import { problem } from '../http/problem.ts';
import { createContext, type InspectorContext } from './inspector-context.ts';
import { type InspectorOptions, resolveInspectorOptions } from './inspector-options.ts';
import { RequestError } from './request/request-error.ts';
import { createRouter } from './request/router.ts';
import { toProblem } from './request/to-problem.ts';
import { createRoutes } from './routes.ts';

/** Headers of each response. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

function withHeaders(response: Response): Response {
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  return response;
}

/**
 * Returns the response with an error. Reports an unexpected error and throws it again. The HTTP handler then sends a response
 * without the message.
 */
function failure(error: unknown, { redaction, report }: InspectorContext): Response {
  const shown = toProblem(error, redaction);
  if (shown === undefined) {
    report(error);
    throw error;
  }
  const { status, ...details } = shown;
  return problem(status, details, error instanceof RequestError ? error.headers : {});
}

/** Returns a redirect to the path with a trailing slash, because the page contains relative addresses. */
function toFolder(path: string, search: string): Response {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return new Response(null, { status: 302, headers: { location: `./${name}/${search}` } });
}

/** Returns whether a browser requests a page, and not a file or data. */
const isNavigation = ({ method, headers }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') && (headers.get('accept') ?? '').includes('text/html');

function createRespond(context: InspectorContext): Respond {
  const route = createRouter(createRoutes(context));
  const answer = async (request: Request): Promise<Response | undefined> => {
    try {
      return await route(request);
    } catch (error) {
      return failure(error, context);
    }
  };
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    let response = await answer(request);
    if (response === undefined) {
      if (!isNavigation(request)) return undefined;
      response = toFolder(pathname, search);
    }
    if (request.method === 'HEAD') {
      await response.body?.cancel();
      response = new Response(null, response);
    }
    return withHeaders(response);
  };
}

/**
 * Returns the path at which a framework such as express has mounted the handler, if the request has exactly this path,
 * without a trailing slash. The framework removes the path from `req.url`, so `req.url` does not show whether the path had a
 * trailing slash.
 */
function mountWithoutSlash(
  req: IncomingMessage,
): { readonly path: string; readonly search: string } | undefined {
  const { originalUrl } = req as { readonly originalUrl?: unknown };
  if (typeof originalUrl !== 'string' || originalUrl === req.url) return undefined;
  const [path = '', query] = originalUrl.split('?', 2);
  if (path.endsWith('/') || !/^\/?(\?|$)/.test(req.url ?? '')) return undefined;
  return { path, search: query === undefined ? '' : `?${query}` };
}

/**
 * Creates an inspector, which is a handler for the server of the application. The inspector serves a page for the person on
 * call, which shows a store, its events, watchers, dead letters and leases. It also serves the JSON interface of this page.
 *
 * The inspector has no authentication, so mount it after the authentication of your application, under a separate path. By
 * default, the inspector is read-only.
 *
 * @throws `InvalidOptionsError` if an option is not valid. The error lists all faults.
 * @see [The inspector](../../docs/guides/inspector.md)
 * @example
 * const inspector = createInspector({ store, manager, redact: (event) => ({ ...event, object: '…' }) });
 * app.use('/inspector', requireOperator, inspector.node);
 */
export function createInspector<E extends Event>(options: InspectorOptions<E>): HttpHandler {
  const handler = createHttpHandler(createRespond(createContext(resolveInspectorOptions(options))));
  return {
    ...handler,
    node(req, res, next) {
      const mount = mountWithoutSlash(req);
      if (mount === undefined) {
        handler.node(req, res, next);
        return;
      }
      const { status, headers } = withHeaders(toFolder(mount.path, mount.search));
      res.writeHead(status, Object.fromEntries(headers)).end();
    },
  };
}
