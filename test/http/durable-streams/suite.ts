import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { runConformanceTests } from '@durable-streams/server-conformance-tests';
import { afterAll, beforeAll, beforeEach, describe, type RunnerTask } from 'vitest';
import { UNSUPPORTED } from './unsupported.ts';
import { createWriteShim } from './write-shim.ts';

/** Time that a long poll waits, in milliseconds. */
const LONG_POLL_TIMEOUT = 500;

const unsupported = new Set(UNSUPPORTED.flatMap(({ titles }) => titles));

/** Returns the title of a test after the titles of its groups, without the group of this file. */
function titleOf({ name, suite }: RunnerTask): string {
  return suite?.suite === undefined ? name : `${titleOf(suite)} > ${name}`;
}

describe('Durable Streams', () => {
  const { node } = createWriteShim(LONG_POLL_TIMEOUT);
  const config = { baseUrl: '', longPollTimeoutMs: LONG_POLL_TIMEOUT };
  const server = createServer(async (req, res) => {
    // The suite appends more bytes than the handler reads from a request. A body that was read before has no limit.
    node(Object.assign(req, { body: await buffer(req) }), res);
  });

  // The suite uses connections again that have been idle for a while. The server must not close such a connection when the
  // suite sends the next request.
  server.keepAliveTimeout = 600_000;

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    config.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(({ task, skip }) => {
    if (unsupported.has(titleOf(task))) skip();
  });
  runConformanceTests(config);
});
