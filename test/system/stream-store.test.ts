import { join } from 'node:path';
import { trimHorizon } from 'rx-watcher';
import { firstValueFrom, skip } from 'rxjs';
import { expect, test } from 'vitest';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { handledIn, heldBefore, runDemo, startDemo, storedIn, tablesOf } from './demo.ts';
import { makeRepository } from './make-repository.ts';
import { endlessGit, sizeOfHistory } from './partial-git.ts';
import { Random } from './random.ts';

const streams = eachStream();

/**
 * Creates a repository, and runs the demo with a store in an LMDB file. Returns the result of this run, and the arguments of
 * runs with a store on a new stream.
 */
async function prepare(changes: number) {
  const cwd = testDirectory();
  const repository = await makeRepository(join(cwd, 'repository'), changes);
  const stream = streams.nextStream();
  const args = (store: string) => ['--repo', 'repository', '--store', store];
  const onStream = (server = streams.server.url) => args(`${server}/${stream}`);
  const onFile = (file: string) => runDemo(args(file), { cwd });
  return { cwd, repository, stream, onStream, onFile, inFile: await onFile('undisturbed.lmdb') };
}

test('the demo prints the same tables on a stream as on a file, and the next runs handle only new events', {
  timeout: 60_000,
}, async () => {
  const { cwd, repository, onStream, onFile, inFile } = await prepare(1500);
  const total = storedIn(inFile);
  const first = await runDemo(onStream(), { cwd });
  expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
  expect(tablesOf(first)).toBe(tablesOf(inFile));
  expect([storedIn(first), ...handledIn(first).slice(0, 2)]).toEqual([total, total, total]);

  const again = await runDemo(onStream(), { cwd });
  expect(tablesOf(again)).toBe(tablesOf(inFile));
  expect([heldBefore(again), storedIn(again), ...handledIn(again)]).toEqual([total, 0, 0, 0, 0]);

  await repository.grow(300);
  const grown = await runDemo(onStream(), { cwd });
  expect(tablesOf(grown)).toBe(tablesOf(await onFile('grown.lmdb')));
  expect(storedIn(grown)).toBeGreaterThan(250);
  expect(handledIn(grown).slice(0, 2)).toEqual([storedIn(grown), storedIn(grown)]);
});

test('the demo prints the same tables on a stream after several kills as a run that was not interrupted', {
  timeout: 120_000,
}, async () => {
  const { cwd, repository, stream, onStream, inFile } = await prepare(5000);
  const env = endlessGit(cwd, 0.95 * sizeOfHistory(repository.directory));
  const events = (await streams.open({ stream })).events(trimHorizon());
  const seed = Date.now() % 1e6;
  const random = new Random(seed);
  for (let kill = 1; kill <= 4; kill++) {
    const demo = startDemo(onStream(), { cwd, env });
    await firstValueFrom(events.pipe(skip(kill * 700 + random.below(700))));
    demo.kill('SIGKILL');
    const end = await demo.ended;
    expect({ seed, signal: end.signal, stderr: end.stderr }).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  }
  const last = await runDemo(onStream(), { cwd });
  const details = `seed ${seed}, held ${heldBefore(last)}`;
  expect(heldBefore(last), details).toBeLessThan(storedIn(inFile));
  expect(tablesOf(last), details).toBe(tablesOf(inFile));
  expect(storedIn(last), details).toBe(storedIn(inFile) - heldBefore(last));
});

test('the demo does not store a batch on a stream twice if it is killed before the acknowledgement', {
  timeout: 60_000,
}, async () => {
  const { cwd, stream, onStream, inFile } = await prepare(3000);
  const proxy = await streams.proxy();
  const events = (await streams.open({ stream })).events(trimHorizon());
  const demo = startDemo(onStream(proxy.url), { cwd });
  await firstValueFrom(events);
  proxy.delayAnswers(200);
  await firstValueFrom(events.pipe(skip(1700))); // in the middle of a batch, before its acknowledgements
  demo.kill('SIGKILL');
  expect((await demo.ended).signal).toBe('SIGKILL');

  proxy.delayAnswers(0);
  const last = await runDemo(onStream(proxy.url), { cwd });
  expect(heldBefore(last)).toBeGreaterThan(1700);
  expect(tablesOf(last)).toBe(tablesOf(inFile));
  expect(storedIn(last)).toBe(storedIn(inFile) - heldBefore(last));
});

test('the demo waits while another process uses the stream, until that process is killed', {
  timeout: 60_000,
}, async () => {
  const { cwd, onStream, inFile } = await prepare(1500);
  const first = startDemo([...onStream(), '--rate', '100'], { cwd });
  await first.printed('changed-files');
  const second = startDemo(onStream(), { cwd });
  await second.printed('another run uses the store');
  first.kill('SIGKILL');
  const end = await second.ended;
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(tablesOf(end)).toBe(tablesOf(inFile));
});
