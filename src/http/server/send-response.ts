import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Returns the headers for `writeHead`. Several values of a header are joined, except the values of `set-cookie`. */
function headersOf(headers: Headers): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = Object.fromEntries(headers);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) all['set-cookie'] = cookies;
  return all;
}

/**
 * Sends a response of Fetch through a response of `node:http`. Each chunk of the body is read when the socket has room for
 * it, so the source of the body is not faster than the client.
 *
 * @returns Promise that resolves when the response has ended, or when the connection closes.
 * @throws The error of the body, if the body fails.
 */
export async function sendResponse(
  { status, headers, body }: Response,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (res.closed) {
    await body?.cancel();
    return;
  }
  res.writeHead(status, headersOf(headers));
  if (body === null || req.method === 'HEAD') {
    res.end();
    await body?.cancel();
    return;
  }
  // A body can wait for its first chunk for hours, and the client must not wait for the headers until then.
  res.flushHeaders();
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const closed = new AbortController();
  const onClose = () => {
    closed.abort();
    void reader.cancel().catch(() => undefined);
  };
  res.once('close', onClose);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || res.closed) break;
      if (!res.write(value)) await once(res, 'drain', { signal: closed.signal });
    }
    res.end();
  } catch (error) {
    if (!res.closed) throw error;
  } finally {
    res.off('close', onClose);
  }
}
