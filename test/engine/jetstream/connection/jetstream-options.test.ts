import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { InvalidOptionsError, StoreError } from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { firstValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { failureOf, faultPaths } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../each-stream.ts';
import { freePort, natsServer } from '../nats-server.ts';

const streams = eachStream();

/** A server that is configured for one test. */
async function serverWith(config: string, args: readonly string[] = ['-js']) {
  const server = await natsServer({ config, args });
  onTestFinished(() => server.remove());
  await server.start();
  return server;
}

describe('options that make no sense', () => {
  test('are told of at once', async () => {
    const wrong = {
      stream: 'a.b',
      servers: [],
      subjectPrefix: 'a.*',
      checkpointBucket: '',
      replicas: 0,
      storage: 'tape',
      maxBytes: 0.5,
      maxAge: -1,
      duplicateWindow: 1,
      connection: 5,
      connectionOptions: 'fast',
      cacheSize: -1,
    };

    const failure = await failureOf(openJetStreamStore(wrong as never));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect([...new Set(faultPaths(failure))].sort()).toEqual(Object.keys(wrong).sort());
  });

  test.each([
    ['neither servers nor a connection', {}, 'servers'],
    ['both', { servers: 'nats://127.0.0.1:1', connection: { publish() {} } }, 'servers'],
    [
      'options for an open connection',
      { connection: { publish() {} }, connectionOptions: {} },
      'connectionOptions',
    ],
  ])('are %s', async (_what, options, path) => {
    const failure = await failureOf(openJetStreamStore({ stream: 's', ...options } as never));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual([path]);
  });
});

describe('a stream that is there', () => {
  test('and configured as it is wanted is taken, and so is one of which nothing else is wanted', async () => {
    const stream = streams.nextStream();
    const chosen = {
      stream,
      maxBytes: 1e6,
      maxAge: 60_000,
      duplicateWindow: 5000,
      storage: 'memory' as const,
    };
    await (await streams.open(chosen)).storeEvent(created(1));

    for (const options of [chosen, { stream }]) {
      expect(await firstValueFrom((await streams.open(options)).getLatestSeqNum())).toBe(1);
    }
  });

  test('and configured differently is refused, with every difference', async () => {
    const stream = streams.nextStream();
    await streams.open({ stream, maxBytes: 1e6 });

    const failure = await failureOf(
      streams.open({ stream, subjectPrefix: 'other', storage: 'memory', maxBytes: 2e6, maxAge: 60_000 }),
    );

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect([...faultPaths(failure)].sort()).toEqual(
      ['max_age', 'max_bytes', 'republish', 'storage', 'subjects'].map((name) => `${stream}.${name}`),
    );
    expect(String(failure)).toContain(`${stream}.max_bytes: wanted 2000000, is 1000000`);
  });

  test('with a bucket that is configured differently is refused', async () => {
    const stream = streams.nextStream();
    const connection = await connect({ servers: streams.server.url });
    const manager = await jetstreamManager(connection);
    const subjects = [`$KV.${stream}_checkpoints.>`];
    await manager.streams.add({ name: `KV_${stream}_checkpoints`, subjects, max_msgs_per_subject: 5 });
    await connection.close();

    const failure = await failureOf(streams.open({ stream }));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual([`KV_${stream}_checkpoints.max_msgs_per_subject`]);
  });
});

describe('a connection that cannot be had', () => {
  test('because there is no server is a StoreError that names the address', async () => {
    const servers = `nats://127.0.0.1:${await freePort()}`;

    const failure = await failureOf(openJetStreamStore({ servers, stream: 's' }));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toContain(`cannot connect to ${servers}`);
  });

  test('because the credentials are wrong is a StoreError that says so', async () => {
    const server = await serverWith('authorization { user: ann, password: secret }');
    const open = (pass: string) =>
      openJetStreamStore({ servers: server.url, stream: 's', connectionOptions: { user: 'ann', pass } });

    const failure = await failureOf(open('wrong'));
    const store = await open('secret');

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toMatch(/authorization/i);
    expect((await store.storeEvent(created(1))).seqNum).toBe(1);
    await store.close();
  });

  test('because the server has no JetStream is a StoreError that says so', async () => {
    const server = await serverWith('', []);

    const failure = await failureOf(openJetStreamStore({ servers: server.url, stream: 's' }));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toMatch(/jetstream/i);
  });
});

test('a connection that the application opened stays open', async () => {
  const connection = await connect({ servers: streams.server.url });
  const stream = streams.nextStream();
  const store = await openJetStreamStore({ connection, stream });
  await store.storeEvent(created(1));

  await store.close();

  expect(connection.isClosed()).toBe(false);
  const again = await openJetStreamStore({ connection, stream });
  expect(await firstValueFrom(again.getLatestSeqNum())).toBe(1);
  await again.close();
  await connection.close();
});

test('a store says once that its batches are not atomic', async () => {
  const warnings: string[] = [];
  const ignore = () => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    warn: (text: string) => void warnings.push(text),
    error: ignore,
  };

  const store = await streams.open({ logger });
  await store.storeEvents([created(1), created(2)]);

  expect(store.atomicBatches).toBe(false);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('storeEvents is not atomic');
});
