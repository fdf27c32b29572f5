import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { trimHorizon } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { eachStream } from '../engine/jetstream/each-stream.ts';
import { freePort, natsServer } from '../engine/jetstream/nats-server.ts';
import { rawStream } from '../engine/jetstream/raw-stream.ts';
import { heldBefore, storedIn } from './figures.ts';
import { makeRepository } from './make-repository.ts';
import { type DemoEnd, runDemo, startDemo } from './start-demo.ts';
import { tablesOf } from './tables-of.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const streams = eachStream();

/** The demo on a new stream; `elsewhere` is a directory in which it was never run. */
async function prepare(changes = 30) {
  const cwd = temporaryDirectory();
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

function expectRefused({ code, stdout, stderr }: DemoEnd, message: RegExp): void {
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
}

test('says that there is no server, or none with JetStream', async () => {
  const { cwd } = await prepare();
  const args = (port: number) => ['--repo', 'repository', '--store', `nats://127.0.0.1:${port}/history`];
  expectRefused(
    await runDemo(args(await freePort()), { cwd }),
    /nats:\/\/127\.0\.0\.1:\d+\/history cannot be opened: connection refused; name another with --store/,
  );
  const plain = await natsServer({ args: [] });
  await plain.start();
  const end = await runDemo(args(plain.port), { cwd });
  await plain.remove();
  expectRefused(end, /cannot be opened: jetstream is not enabled/);
  expectRefused(
    await runDemo(['--repo', 'repository', '--store', 'nats://127.0.0.1/history'], { cwd }),
    /expected nats:\/\/HOST:PORT\/STREAM/,
  );
  expect(readdirSync(cwd).toSorted()).toEqual(['elsewhere', 'repository']);
});

test("leaves another program's stream as it is, with --fresh too", async () => {
  const { cwd, stream, run, manager } = await prepare();
  const store = await streams.open({ stream });
  await store.storeEvent({ operation: 'CREATE', objectType: 'Order', object: { id: 'o1' } });
  for (const more of [[], ['--fresh']]) {
    expectRefused(await run(more), new RegExp(`/${stream} is no store of this demo; it was left as it is`));
  }
  expect((await manager.streams.info(stream)).state.messages).toBe(1);
  expect(readdirSync(cwd).toSorted()).toEqual(['elsewhere', 'repository']);
});

test('says how a stream is configured otherwise than a store needs it', async () => {
  const { stream, run, manager } = await prepare();
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
  expectRefused(
    await run(),
    /cannot be opened: .*republish: must be .*; received no value; name another with/,
  );
});

test('says that the tables of a stream are elsewhere; with --fresh it starts over', {
  timeout: 60_000,
}, async () => {
  const { elsewhere, stream, store, run, manager } = await prepare();
  const first = await run();
  expectRefused(
    await run([], elsewhere),
    new RegExp(`has no import record of the events in ${store};.*--fresh`),
  );
  expect(readdirSync(elsewhere)).toEqual([]);

  const fresh = await run(['--fresh'], elsewhere);
  expect(heldBefore(fresh)).toBe(0);
  expect(tablesOf(fresh)).toBe(tablesOf(first));
  expect((await manager.streams.info(stream)).state.messages).toBe(storedIn(first));
});

test('says that the stream was deleted, or made anew; with --fresh it starts over', {
  timeout: 60_000,
}, async () => {
  const { elsewhere, stream, run, manager } = await prepare();
  const first = await run();
  await manager.streams.delete(stream);
  expectRefused(await run(), /has a record of event \d+, but .* is empty: .*start over with --fresh/);
  await expect(manager.streams.info(stream)).rejects.toThrow('stream not found');

  await makeRepository(join(elsewhere, 'other'), 60, 2);
  expect((await run(['--repo', 'other'], elsewhere)).code).toBe(0);
  expectRefused(await run(), /event \d+ of .* is not the one that .* has a record of/);
  expect(tablesOf(await run(['--fresh']))).toBe(tablesOf(first));
});

test('counts all events where the checkpoints of an earlier stream have stayed behind', {
  timeout: 60_000,
}, async () => {
  const { elsewhere, stream, run, manager } = await prepare(1500);
  const first = await run();
  await manager.streams.delete(stream);
  const again = await run([], elsewhere);
  expect(storedIn(again)).toBe(storedIn(first));
  expect(tablesOf(again)).toBe(tablesOf(first));
});

test('does not take the events of another program for those of the import', { timeout: 60_000 }, async () => {
  const { stream, args, cwd, run } = await prepare(1500);
  const store = await streams.open({ stream });
  const demo = startDemo([...args, '--rate', '1000'], { cwd });
  const { operation, objectType, object } = await firstValueFrom(store.events(trimHorizon()));
  demo.kill('SIGINT');
  expect((await demo.ended).code).toBe(130);

  await store.storeEvent({ operation, objectType, object });
  const end = await run();
  expect(end.code).toBe(1);
  expect(end.stderr).toMatch(/^error: git prints the history otherwise than .*; start over with --fresh\n$/);

  expect((await run(['--fresh'])).code).toBe(0);
  await (await streams.open({ stream })).storeEvent({ operation, objectType, object });
  expectRefused(await run(), /has no import record of the events behind number [\d,]+ in /);
});
