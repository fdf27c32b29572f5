import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { openJetStreamStore } from '../../../../src/jetstream.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';

test.each([
  'nats://ann:hunter2@127.0.0.1:1',
  'ann:hunter2@127.0.0.1:1',
  'tls://hunter2@127.0.0.1:1',
  'nats://ann:hunter2@more@127.0.0.1:1',
])(
  'openJetStreamStore omits credentials from the error if no server answers: address %#',
  async (servers) => {
    const connectionOptions = { maxReconnectAttempts: 0, timeout: 500 };

    const error = await failureOf(openJetStreamStore({ servers, stream: 's', connectionOptions }));

    expect((error as Error).message).toContain('127.0.0.1:1');
    expect((error as Error).message).not.toMatch(/hunter2|ann:/);
  },
);

test.each(['nats://bob:hunt/er2@127.0.0.1:1', 'bob:hunt#er2@127.0.0.1:1'])(
  'openJetStreamStore omits credentials from the error if an address is not valid: address %#',
  async (servers) => {
    const connectionOptions = { maxReconnectAttempts: 0, timeout: 500 };

    const error = await failureOf(openJetStreamStore({ servers, stream: 's', connectionOptions }));

    expect((error as Error).message).toContain('127.0.0.1:1');
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/hunt|er2|bob/);
  },
);
