import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from './problem.ts';
import { BodyTooLargeError, limitBody } from './server/limit-body.ts';
import { sendResponse } from './server/send-response.ts';
import { toRequest } from './server/to-request.ts';

/** Function that answers a request. The function returns `undefined` if it has no resource with the path of the request. */
export type Respond = (request: Request) => Response | undefined | Promise<Response | undefined>;

/** Handler that can be mounted in a server of `node:http`, in a framework on top of it, and in a Fetch-style server. */
export interface HttpHandler {
  /**
   * Answers a request of `node:http`, express, fastify or Nest. The path of the request is the part of the URL that the
   * framework leaves in `req.url`, so the handler works under any prefix. If the connection closes, the response ends.
   *
   * @param next - Called without an argument if the handler has no resource with this path, and with the error if the
   *   handler fails. Without `next`, the handler answers with status 404 or 500. An error that `next` throws is not caught,
   *   so it becomes an unhandled rejection.
   */
  readonly node: (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void;
  /** Answers a request of a Fetch-style server. The Promise never rejects; a failure is a response with status 500. */
  readonly fetch: (request: Request) => Promise<Response>;
}

/** Method that `node:http` accepts, but that the constructor of `Request` rejects. */
const UNSUPPORTED_METHOD = 'TRACE';

const notFound = (): Response =>
  problem(404, { title: 'Not found', detail: 'This server has no resource with this path.' });

const unsupportedMethod = (): Response =>
  problem(501, { title: 'Not implemented', detail: `The method ${UNSUPPORTED_METHOD} is not supported.` });

/**
 * Returns the response to a request that failed. The response does not contain the message of an unexpected error, because
 * that message can contain internal data of the application.
 */
const failure = (error: unknown): Response =>
  error instanceof BodyTooLargeError
    ? problem(413, { title: 'Body too large', detail: error.message }, { connection: 'close' })
    : problem(500, { title: 'Internal error', detail: 'The server could not answer the request.' });

/**
 * Creates a handler for `node:http` and Fetch from one function.
 *
 * @param respond - Function that answers each request. The body of the request has at most 64 KiB. On `node:http`,
 *   `request.signal` aborts when the connection closes.
 */
export function createHttpHandler(respond: Respond): HttpHandler {
  const fetch = async (given: Request): Promise<Response> => {
    try {
      return (await respond(await limitBody(given))) ?? notFound();
    } catch (error) {
      return failure(error);
    }
  };

  const answer = async (
    req: IncomingMessage,
    res: ServerResponse,
    next?: (error?: unknown) => void,
  ): Promise<void> => {
    const connection = new AbortController();
    const onClose = () => connection.abort();
    // A response that was closed before this call does not emit `close` again.
    if (res.closed) onClose();
    else res.once('close', onClose);
    let callNext: (() => void) | undefined;
    try {
      const response =
        req.method === UNSUPPORTED_METHOD
          ? unsupportedMethod()
          : await respond(await toRequest(req, connection.signal));
      if (response === undefined && next !== undefined) callNext = () => next();
      else await sendResponse(response ?? notFound(), req, res);
    } catch (error) {
      if (res.headersSent || res.closed) res.destroy();
      else if (next !== undefined && !(error instanceof BodyTooLargeError)) callNext = () => next(error);
      else await sendResponse(failure(error), req, res);
    }
    if (callNext === undefined) return;
    res.off('close', onClose);
    // Called outside of `try`, because an error of `next` itself must not be passed to `next` again.
    callNext();
  };

  return {
    node: (req, res, next) => void answer(req, res, next),
    fetch,
  };
}
