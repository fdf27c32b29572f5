import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from './problem.ts';
import { BodyTooLargeError, limitBody } from './server/limit-body.ts';
import { sendResponse } from './server/send-response.ts';
import { toRequest } from './server/to-request.ts';

/** Function that answers a request. It returns `undefined` if the path of the request is not one of its paths. */
export type Respond = (request: Request) => Response | undefined | Promise<Response | undefined>;

/** Handler that can be mounted in a server of `node:http`, in a framework on top of it, and in a Fetch-style server. */
export interface HttpHandler {
  /**
   * Answers a request of `node:http`, express, fastify or Nest. The path is the part of the URL that the framework leaves in
   * `req.url`, so the handler works under each prefix. If the connection closes, the response ends.
   *
   * @param next - Called if the path is not one of the handler's paths, and with the error if the handler fails. Without
   *   it, the handler answers with status 404 or 500.
   */
  readonly node: (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void;
  /** Answers a request of a Fetch-style server. The Promise never rejects; a failure is a response with status 500. */
  readonly fetch: (request: Request) => Promise<Response>;
}

/** Method that `node:http` accepts and the constructor of `Request` rejects. */
const UNSUPPORTED_METHOD = 'TRACE';

const notFound = (): Response =>
  problem(404, { title: 'Not found', detail: 'This server has no resource with this path.' });

const unsupportedMethod = (): Response =>
  problem(501, { title: 'Not implemented', detail: `The method ${UNSUPPORTED_METHOD} is not supported.` });

/** Returns the response to a request that failed. It does not show the error, which can contain data of the host. */
const failure = (error: unknown): Response =>
  error instanceof BodyTooLargeError
    ? problem(413, { title: 'Body too large', detail: error.message }, { connection: 'close' })
    : problem(500, { title: 'Internal error', detail: 'The server could not answer the request.' });

/**
 * Creates a handler for `node:http` and Fetch from one function.
 *
 * @param respond - Answers a request. A request body has at most 64 KiB, and `request.signal` aborts when the connection of
 *   `node:http` closes.
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
    res.once('close', onClose);
    try {
      const response =
        req.method === UNSUPPORTED_METHOD
          ? unsupportedMethod()
          : await respond(await toRequest(req, connection.signal));
      if (response === undefined && next !== undefined) {
        res.off('close', onClose);
        next();
      } else await sendResponse(response ?? notFound(), req, res);
    } catch (error) {
      if (res.headersSent || res.closed) res.destroy();
      else if (next !== undefined && !(error instanceof BodyTooLargeError)) next(error);
      else await sendResponse(failure(error), req, res);
    }
  };

  return {
    node: (req, res, next) => void answer(req, res, next),
    fetch,
  };
}
