import { once } from 'node:events';
import { request as openRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { firstValueFrom, ReplaySubject, Subject, take, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { createHttpHandler } from '../../src/http/http-handler.ts';
import { startServer } from '../support/http-server.ts';

/** Answers with the parts of the request. */
const echo = createHttpHandler(async (request) => {
  const { pathname, search, host } = new URL(request.url);
  const header = request.headers.get('x-name');
  return Response.json({
    method: request.method,
    pathname,
    search,
    host,
    header,
    body: await request.text(),
  });
});

/** Sends bytes to a server, and returns all bytes of the answer as text. */
async function sendRaw(address: string, lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  return text(socket);
}

const problemOf = async (response: Response) => ({
  status: response.status,
  type: response.headers.get('content-type'),
  ...((await response.json()) as object),
});

test('an HTTP handler passes method, path, query, headers and the body of a POST from node:http to its function', async () => {
  const address = await startServer(echo.node);
  const response = await fetch(`${address}/a/b?c=d`, {
    method: 'POST',
    body: '{"e":1}',
    headers: { 'x-name': 'value' },
  });
  expect(await response.json()).toEqual({
    method: 'POST',
    pathname: '/a/b',
    search: '?c=d',
    host: new URL(address).host,
    header: 'value',
    body: '{"e":1}',
  });
});

test('an HTTP handler passes the part of the path that a framework leaves in req.url', async () => {
  const address = await startServer((req, res) => {
    Object.assign(req, { originalUrl: req.url, url: '/rest' });
    echo.node(req, res);
  });
  const response = await fetch(`${address}/prefix/rest`);
  expect(await response.json()).toMatchObject({ pathname: '/rest' });
});

test('an HTTP handler does not take a path that begins with two slashes for a host', async () => {
  const address = await startServer(echo.node);
  const answer = await sendRaw(address, [
    'GET //other.example/events HTTP/1.1',
    'host: a',
    'connection: close',
  ]);
  expect(answer).toContain('"pathname":"//other.example/events"');
});

test('an HTTP handler takes the path and the query of a request target that is a whole URL', async () => {
  const address = await startServer(echo.node);
  const answer = await sendRaw(address, [
    'GET http://other.example/events?limit=1 HTTP/1.1',
    'host: a',
    'connection: close',
  ]);
  expect(answer).toContain('"pathname":"/events","search":"?limit=1"');
});

test.each(['*', 'no-slash'])(
  'an HTTP handler takes the request target %s as the root path, unless Node.js rejects the request',
  async (target) => {
    const address = await startServer(echo.node);
    const answer = await sendRaw(address, [`OPTIONS ${target} HTTP/1.1`, 'host: a', 'connection: close']);
    expect(answer).toMatch(/"pathname":"\/"|^HTTP\/1.1 400/);
  },
);

test('an HTTP handler answers a request with a Host header that is not valid in a URL', async () => {
  const address = await startServer(echo.node);
  const answer = await sendRaw(address, ['GET /events HTTP/1.1', 'host: a b', 'connection: close']);
  expect(answer).toContain('"pathname":"/events"');
});

test('an HTTP handler refuses the method TRACE with status 501', async () => {
  const address = await startServer(echo.node);
  const answer = await sendRaw(address, ['TRACE / HTTP/1.1', 'host: a', 'connection: close']);
  expect(answer).toMatch(/^HTTP\/1.1 501 /);
});

test.each([
  ['an object', { e: 1 }, '{"e":1}'],
  ['text', '{"e":1}', '{"e":1}'],
  ['bytes', Buffer.from('{"e":1}'), '{"e":1}'],
])(
  'an HTTP handler takes the body of a POST as %s from req.body if a framework has read the body',
  async (_, body, expected) => {
    const address = await startServer(async (req, res) => {
      await text(req);
      echo.node(Object.assign(req, { body }), res);
    });
    const response = await fetch(address, { method: 'POST', body: 'read before' });
    expect(await response.json()).toMatchObject({ body: expected });
  },
);

test('an HTTP handler takes the body of a POST as empty if a framework has read and not kept the body', async () => {
  const address = await startServer(async (req, res) => {
    await text(req);
    echo.node(req, res);
  });
  const response = await fetch(address, { method: 'POST', body: 'read before' });
  expect(await response.json()).toMatchObject({ body: '' });
});

test.each([
  ['node:http', async (init: RequestInit) => fetch(await startServer(echo.node), init)],
  ['Fetch', async (init: RequestInit) => echo.fetch(new Request('http://a/', init))],
])('an HTTP handler answers a body of more than 64 KiB with status 413, on %s', async (_, send) => {
  const fits = await send({ method: 'POST', body: 'x'.repeat(65_536) });
  expect(fits.status).toBe(200);
  const tooLarge = await send({ method: 'POST', body: 'x'.repeat(65_537) });
  expect(await problemOf(tooLarge)).toEqual({
    status: 413,
    type: 'application/problem+json',
    title: 'Body too large',
    detail: 'The body of the request must have at most 65536 bytes.',
  });
});

test('an HTTP handler sends status, headers and each cookie of a response', async () => {
  const { node } = createHttpHandler(() => {
    const headers = new Headers({ 'x-name': 'value' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return new Response('text', { status: 202, headers });
  });
  const response = await fetch(await startServer(node));
  expect(response.status).toBe(202);
  expect(response.headers.get('x-name')).toBe('value');
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await response.text()).toBe('text');
});

test('an HTTP handler sends only the headers of a response to HEAD, and cancels the body', async () => {
  let isCancelled = false;
  const cancel = () => {
    isCancelled = true;
  };
  const { node } = createHttpHandler(
    () => new Response(new ReadableStream({ cancel }), { headers: { 'x-name': 'value' } }),
  );
  const response = await fetch(await startServer(node), { method: 'HEAD' });
  expect(response.headers.get('x-name')).toBe('value');
  expect(isCancelled).toBe(true);
});

test('an HTTP handler sends the headers before the first chunk of the body', async () => {
  const { node } = createHttpHandler(() => new Response(new ReadableStream(), { status: 203 }));
  const response = await fetch(await startServer(node));
  expect(response.status).toBe(203);
});

test('an HTTP handler reads the next chunk of the body only when the socket has room for this chunk', async () => {
  const chunk = new Uint8Array(64 * 1024);
  let remaining = 2000;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      remaining -= 1;
      if (remaining < 0) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const full = new Subject<void>();
  let mostWaiting = 0;
  const { node } = createHttpHandler(() => new Response(body));
  const address = await startServer((req, res) => {
    const write = res.write.bind(res) as (value: unknown) => boolean;
    res.write = (value: unknown) => {
      const hasRoom = write(value);
      mostWaiting = Math.max(mostWaiting, res.writableLength);
      if (!hasRoom) full.next();
      return hasRoom;
    };
    node(req, res);
  });
  const isFull = firstValueFrom(full);
  const [response] = await once(openRequest(address).end(), 'response');
  await isFull;
  let received = 0;
  for await (const part of response) received += part.length;
  expect(received).toBe(2000 * chunk.length);
  expect(mostWaiting).toBeLessThan(4 * chunk.length);
});

test('an HTTP handler cancels the body and aborts the signal when the client closes the connection', async () => {
  const ends = new ReplaySubject<string>();
  const { node } = createHttpHandler((request) => {
    request.signal.addEventListener('abort', () => ends.next('aborted'));
    return new Response(new ReadableStream({ cancel: () => ends.next('cancelled') }));
  });
  const client = new AbortController();
  await fetch(await startServer(node), { signal: client.signal });
  client.abort();
  const both = await firstValueFrom(ends.pipe(take(2), toArray()));
  expect(both.sort()).toEqual(['aborted', 'cancelled']);
});

test('an HTTP handler passes an aborted signal if the client closes the connection before the handler is called', async () => {
  const aborted = new ReplaySubject<boolean>();
  const { node } = createHttpHandler(({ signal }) => {
    aborted.next(signal.aborted);
    return new Response();
  });
  const client = new AbortController();
  const address = await startServer((req, res) => {
    res.once('close', () => node(req, res));
    client.abort();
  });
  await fetch(address, { signal: client.signal }).catch(() => undefined);
  expect(await firstValueFrom(aborted)).toBe(true);
});

test('an HTTP handler closes the connection if the body fails, so that the client does not take the response as complete', async () => {
  const body = new ReadableStream({
    pull: (controller) => {
      controller.enqueue(new TextEncoder().encode('begin'));
      controller.error(new Error('disk is gone'));
    },
  });
  const { node } = createHttpHandler(() => new Response(body));
  const response = await fetch(await startServer(node));
  await expect(response.text()).rejects.toThrow();
});

test.each([
  [
    'node:http',
    async (handler: ReturnType<typeof createHttpHandler>) => fetch(await startServer(handler.node)),
  ],
  ['Fetch', async (handler: ReturnType<typeof createHttpHandler>) => handler.fetch(new Request('http://a/'))],
])(
  'an HTTP handler answers an error of its function with status 500 and without the message, on %s',
  async (_, send) => {
    const handler = createHttpHandler(() => Promise.reject(new Error('password is secret')));
    expect(await problemOf(await send(handler))).toEqual({
      status: 500,
      type: 'application/problem+json',
      title: 'Internal error',
      detail: 'The server could not answer the request.',
    });
  },
);

test('an HTTP handler passes an error of its function to next', async () => {
  const error = new Error('disk is gone');
  const handler = createHttpHandler(() => {
    throw error;
  });
  let passed: unknown;
  const address = await startServer((req, res) =>
    handler.node(req, res, (given) => {
      passed = given;
      res.end();
    }),
  );
  await fetch(address);
  expect(passed).toBe(error);
});

test('an HTTP handler calls next if its function does not answer the path', async () => {
  const handler = createHttpHandler(() => undefined);
  const address = await startServer((req, res) => handler.node(req, res, () => res.end('next')));
  expect(await (await fetch(address)).text()).toBe('next');
});

/** Waits for the next unhandled rejection, and returns its reason. Vitest would count the rejection as a failure. */
async function unhandledRejection(): Promise<unknown> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const [reason] = await once(process, 'unhandledRejection');
  for (const listener of listeners) process.on('unhandledRejection', listener);
  return reason;
}

test.each([
  ['does not answer the path', () => undefined, [undefined]],
  ['fails', () => Promise.reject('the error of the function'), ['the error of the function']],
])(
  'an HTTP handler calls next once, and does not catch an error that next throws, if its function %s',
  async (_, respond, expected) => {
    const handler = createHttpHandler(respond);
    const error = new Error('the host has a fault');
    const calls: unknown[] = [];
    const address = await startServer((req, res) =>
      handler.node(req, res, (given) => {
        if (calls.push(given) === 1) throw error;
        res.end();
      }),
    );
    const answered = fetch(address).catch(() => undefined);
    expect(await Promise.race([unhandledRejection(), answered])).toBe(error);
    expect(calls).toEqual(expected);
  },
);

test.each([
  [
    'node:http',
    async (handler: ReturnType<typeof createHttpHandler>) => fetch(await startServer(handler.node)),
  ],
  ['Fetch', async (handler: ReturnType<typeof createHttpHandler>) => handler.fetch(new Request('http://a/'))],
])(
  'an HTTP handler answers status 404 if its function does not answer the path, on %s without next',
  async (_, send) => {
    const handler = createHttpHandler(() => undefined);
    expect(await problemOf(await send(handler))).toMatchObject({ status: 404, title: 'Not found' });
  },
);
