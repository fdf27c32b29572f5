import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { startProcess, startThread } from '../../../support/program.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const COUNT = 10_000;
const IN_FLIGHT = 64;

const APPEND_IDS = new URL('./append-ids.mjs', import.meta.url);

test('two processes and a thread that append the same ids at the same time store each id once', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  const writers = [
    startProcess(APPEND_IDS, path, 'process 1', COUNT, IN_FLIGHT),
    startProcess(APPEND_IDS, path, 'process 2', COUNT, IN_FLIGHT),
    startThread(APPEND_IDS, path, 'thread', COUNT, IN_FLIGHT),
  ];
  for (const writer of writers) await writer.readLine();

  for (const writer of writers) writer.writeLine('start');
  const results = await Promise.all(writers.map(async (writer) => JSON.parse(await writer.readLine())));
  await Promise.all(writers.map((writer) => writer.end()));

  const store = openLmdbStore({ path });
  const events = await readAll(store);
  await store.close();
  await directory.remove();
  const seqNumById = new Map(events.map(({ id, seqNum }) => [id, seqNum]));

  expect(seqNums(events)).toEqual(span(1, COUNT));
  expect(seqNumById.size).toBe(COUNT);
  for (const result of results) expect(result).toEqual(span(1, COUNT).map((n) => seqNumById.get(`id ${n}`)));
  // This test proves nothing if one writer has stored all events before the other writers have started.
  expect(new Set(events.map(({ object }) => (object as { writer: string }).writer)).size).toBeGreaterThan(1);
});
