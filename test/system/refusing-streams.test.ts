import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { trimHorizon } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { freePort, natsServer } from '../support/jetstream/nats-server.ts';
import { rawStream } from '../support/jetstream/raw-stream.ts';
import type { ProcessEnd } from '../support/running-process.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { heldBefore, runDemo, startDemo, storedIn, tablesOf } from './demo.ts';
import { makeRepository } from './make-repository.ts';

const streams = eachStream();

/** Prepares runs of the demo on a new stream. `elsewhere` is a directory in which the demo has not run. */
async function prepare(changes = 30) {
  const cwd = testDirectory();
  const elsewhere = join(cwd, 'elsewhere');
  mkdirSync(elsewhere);
  await makeRepository(join(cwd, 'repository'), changes);
  const stream = streams.nextStream();
  const store = `${streams.server.url}/${stream}`;
  const args = ['--repo', join(cwd, 'repository'), '--store', store];
  const run = (more: readonly string[] = [], directory = cwd) =>
    runDemo([...args, ...more], { cwd: directory });
  return { cwd, elsewhere, stream, store, args, run, ...(await rawStream(streams.server.url)) };
}

function expectRefused({ code, stdout, stderr }: ProcessEnd, message: RegExp): void {
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
}

test('the demo reports a missing server, a server without JetStream, and an invalid address', async () => {
  const { cwd } = await prepare();
  const args = (port: number) => ['--repo', 'repository', '--store', `nats://127.0.0.1:${port}/history`];
  expectRefused(
    await runDemo(args(await freePort()), { cwd }),
    /cannot open 'nats:\/\/127\.0\.0\.1:\d+\/history': connection refused; name another store with --store/,
  );
  const plain = await natsServer({ args: [] });
  await plain.start();
  const end = await runDemo(args(plain.port), { cwd });
  await plain.remove();
  expectRefused(end, /cannot open 'nats:[^\n]*': jetstream is not enabled/);
  expectRefused(
    await runDemo(['--repo', 'repository', '--store', 'nats://127.0.0.1/history'], { cwd }),
    /--store must be a path or nats:\/\/HOST:PORT\/STREAM, .*; received nats:\/\/127\.0\.0\.1\/history/,
  );
  expect(readdirSync(cwd).toSorted()).toEqual(['elsewhere', 'repository']);
});

test('the demo does not change a stream of another program, even with --fresh', async () => {
  const { cwd, stream, run, manager } = await prepare();
  const store = await streams.open({ stream });
  await store.storeEvent({ operation: 'CREATE', objectType: 'Order', object: { id: 'o1' } });
  for (const more of [[], ['--fresh']]) {
    expectRefused(
      await run(more),
      new RegExp(`/${stream}' as a store: the stream was not created by this demo; it was not changed`),
    );
  }
  expect((await manager.streams.info(stream)).state.messages).toBe(1);
  expect(readdirSync(cwd).toSorted()).toEqual(['elsewhere', 'repository']);
});

test('the demo reports a stream with a configuration that the store cannot use', async () => {
  const { stream, run, manager } = await prepare();
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
  expectRefused(
    await run(),
    /cannot open .*republish: must be .*; received no value; name another store with/,
  );
});

test('the demo rejects a stream if its tables are in another directory, and starts over with --fresh', {
  timeout: 60_000,
}, async () => {
  const { elsewhere, stream, store, run, manager } = await prepare();
  const first = await run();
  expectRefused(
    await run([], elsewhere),
    new RegExp(`cannot continue '${store}': .* has no import record of its events;.*--fresh`),
  );
  expect(readdirSync(elsewhere)).toEqual([]);

  const fresh = await run(['--fresh'], elsewhere);
  expect(heldBefore(fresh)).toBe(0);
  expect(tablesOf(fresh)).toBe(tablesOf(first));
  expect((await manager.streams.info(stream)).state.messages).toBe(storedIn(first));
});

test('the demo reports that its stream was deleted or created again, and starts over with --fresh', {
  timeout: 60_000,
}, async () => {
  const { elsewhere, stream, run, manager } = await prepare();
  const first = await run();
  await manager.streams.delete(stream);
  expectRefused(await run(), /has a record of event \d+, but the stream is empty, .*start over with --fresh/);
  await expect(manager.streams.info(stream)).rejects.toThrow('stream not found');

  await makeRepository(join(elsewhere, 'other'), 60, 2);
  expect((await run(['--repo', 'other'], elsewhere)).code).toBe(0);
  expectRefused(await run(), /event \d+ is not the event in the record of .*; start over with --fresh/);
  expect(tablesOf(await run(['--fresh']))).toBe(tablesOf(first));
});

test('the demo counts all events of a new stream even if the checkpoints of an earlier stream still exist', {
  timeout: 60_000,
}, async () => {
  const { elsewhere, stream, run, manager } = await prepare(1500);
  const first = await run();
  await manager.streams.delete(stream);
  const again = await run([], elsewhere);
  expect(storedIn(again)).toBe(storedIn(first));
  expect(tablesOf(again)).toBe(tablesOf(first));
});

test('the demo does not count events of another program as imported', { timeout: 60_000 }, async () => {
  const { stream, args, cwd, run } = await prepare(1500);
  const store = await streams.open({ stream });
  const demo = startDemo([...args, '--rate', '1000'], { cwd });
  const { operation, objectType, object } = await firstValueFrom(store.events(trimHorizon()));
  demo.kill('SIGINT');
  expect((await demo.ended).code).toBe(130);

  await store.storeEvent({ operation, objectType, object });
  const end = await run();
  expect(end.code).toBe(1);
  expect(end.stderr).toMatch(
    /^error: the history has changed since its import began; start over with --fresh\n$/,
  );

  expect((await run(['--fresh'])).code).toBe(0);
  await (await streams.open({ stream })).storeEvent({ operation, objectType, object });
  expectRefused(await run(), /has no import record of the events after number [\d,]+; /);
});
