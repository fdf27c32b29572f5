import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { startProcess, startThread } from '../../../support/program.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const COUNT = 10_000;
/** Number of events after which the writers wait for each other. A writer is often faster than the others in one round. */
const ROUND = 2000;
const IN_FLIGHT = 64;

const APPEND_IDS = new URL('./append-ids.mjs', import.meta.url);

test('two processes and a thread that append the same ids at the same time store each id once', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  const writers = [
    startProcess(APPEND_IDS, path, 'process 1', COUNT, ROUND, IN_FLIGHT),
    startProcess(APPEND_IDS, path, 'process 2', COUNT, ROUND, IN_FLIGHT),
    startThread(APPEND_IDS, path, 'thread', COUNT, ROUND, IN_FLIGHT),
  ];
  for (const writer of writers) await writer.readLine();

  const results: number[][] = writers.map(() => []);
  for (let round = 0; round < COUNT / ROUND; round++) {
    for (const [index] of writers.entries()) writers[(index + round) % writers.length]?.writeLine('continue');
    const lines = await Promise.all(writers.map((writer) => writer.readLine()));
    for (const [index, line] of lines.entries()) results[index]?.push(...JSON.parse(line));
  }
  await Promise.all(writers.map((writer) => writer.end()));

  const store = openLmdbStore({ path });
  const events = await readAll(store);
  await store.close();
  await directory.remove();
  const seqNumById = new Map(events.map(({ id, seqNum }) => [id, seqNum]));

  expect(seqNums(events)).toEqual(span(1, COUNT));
  expect(seqNumById.size).toBe(COUNT);
  for (const result of results) expect(result).toEqual(span(1, COUNT).map((n) => seqNumById.get(`id ${n}`)));
  // This test proves nothing if one writer stores all events of every round before the other writers begin it.
  expect(new Set(events.map(({ object }) => (object as { writer: string }).writer)).size).toBeGreaterThan(1);
});
