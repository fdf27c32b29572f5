import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { InvalidOptionsError, StoreError } from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { firstValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { failureOf, faultPaths } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { freePort, natsServer } from '../../../support/jetstream/nats-server.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

/** Starts a server with a configuration for one test. */
async function serverWith(config: string, args: readonly string[] = ['-js']) {
  const server = await natsServer({ config, args });
  onTestFinished(() => server.remove());
  await server.start();
  return server;
}

describe('openJetStreamStore', () => {
  test('openJetStreamStore rejects invalid options with all faults', async () => {
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
    [
      'both servers and a connection',
      { servers: 'nats://127.0.0.1:1', connection: { publish() {} } },
      'servers',
    ],
    [
      'options for an open connection',
      { connection: { publish() {} }, connectionOptions: {} },
      'connectionOptions',
    ],
  ])('openJetStreamStore rejects options with %s', async (_what, options, path) => {
    const failure = await failureOf(openJetStreamStore({ stream: 's', ...options } as never));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual([path]);
  });
});

describe('openJetStreamStore on an existing stream', () => {
  test('openJetStreamStore opens an existing stream if its settings match the options or the options contain no settings', async () => {
    const stream = streams.nextStream();
    const settings = {
      stream,
      maxBytes: 1e6,
      maxAge: 60_000,
      duplicateWindow: 5000,
      storage: 'memory' as const,
    };
    await (await streams.open(settings)).storeEvent(created(1));

    for (const options of [settings, { stream }]) {
      expect(await firstValueFrom((await streams.open(options)).getLatestSeqNum())).toBe(1);
    }
  });

  test('openJetStreamStore rejects a stream with settings that differ from the options, and lists every difference', async () => {
    const stream = streams.nextStream();
    await streams.open({ stream, maxBytes: 1e6 });

    const failure = await failureOf(
      streams.open({ stream, subjectPrefix: 'other', storage: 'memory', maxBytes: 2e6, maxAge: 60_000 }),
    );

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect([...faultPaths(failure)].sort()).toEqual(
      ['max_age', 'max_bytes', 'republish', 'storage', 'subjects'].map((name) => `${stream}.${name}`),
    );
    expect(String(failure)).toContain(`${stream}.max_bytes: must be 2000000; received 1000000`);
  });

  test.each([
    ['two minutes by default', {}, 120_000],
    ['the value of the option', { duplicateWindow: 5000 }, 5000],
    ['a lower maxAge', { maxAge: 1000 }, 1000],
  ])(
    'openJetStreamStore sets the duplicate window of a new stream to %s',
    async (_what, options, milliseconds) => {
      const stream = streams.nextStream();
      await streams.open({ stream, ...options });
      const { manager } = await rawStream(streams.server.url);

      const { config } = await manager.streams.info(stream);

      expect(config.duplicate_window).toBe(milliseconds * 1e6);
    },
  );

  test('openJetStreamStore rejects a stream with another duplicate window, and keeps the window of the stream', async () => {
    const stream = streams.nextStream();
    await streams.open({ stream, duplicateWindow: 5000 });

    const failure = await failureOf(streams.open({ stream, duplicateWindow: 6000 }));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(String(failure)).toContain(`${stream}.duplicate_window: must be 6000000000; received 5000000000`);
  });

  test('openJetStreamStore rejects a bucket with settings that differ from the required settings', async () => {
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

describe('openJetStreamStore without a usable server', () => {
  test('openJetStreamStore rejects with a StoreError that contains the address if there is no server', async () => {
    const servers = `nats://127.0.0.1:${await freePort()}`;

    const failure = await failureOf(openJetStreamStore({ servers, stream: 's' }));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toContain(`cannot connect to ${servers}`);
  });

  test('openJetStreamStore rejects with a StoreError that contains the reason if the credentials are wrong', async () => {
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

  test('openJetStreamStore rejects with a StoreError that contains the reason if the server has no JetStream', async () => {
    const server = await serverWith('', []);

    const failure = await failureOf(openJetStreamStore({ servers: server.url, stream: 's' }));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toMatch(/jetstream/i);
  });
});

test('a store does not close a connection that the application has opened', async () => {
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

test('storeEvents on JetStream warns once per store if its stream does not permit atomic batches', async () => {
  const warnings: string[] = [];
  const ignore = () => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    warn: (text: string) => void warnings.push(text),
    error: ignore,
  };

  const stream = await streams.streamWithoutBatches();
  const store = await streams.open({ stream, logger });
  await store.storeEvents([created(1), created(2)]);

  expect(store.atomicBatches).toBe(false);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('storeEvents is not atomic');
});
