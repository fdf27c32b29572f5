import type { Event } from 'rx-watcher';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';
import { startProcess, startThread } from '../../../support/program.ts';

const EACH = 10_000;
const IN_FLIGHT = 256;

/** An event: its sequence number, its writer, and the counter of the writer. */
type Seen = readonly [seqNum: number, writer: string, n: number];

const seen = ({ seqNum, objectType, object }: Event): Seen => [
  seqNum,
  objectType,
  (object as { n: number }).n,
];

const APPEND_MANY = new URL('./append-many.mjs', import.meta.url);

test('a reader receives each event once and in order while two processes and two threads append', async () => {
  const path = testFile();
  const tail = startProcess(new URL('./tail-many.mjs', import.meta.url), path, 4 * EACH);
  await tail.readLine();

  const append = (writer: string) => [APPEND_MANY, path, writer, EACH, IN_FLIGHT] as const;
  await Promise.all([
    startProcess(...append('process 1')).ended,
    startProcess(...append('process 2')).ended,
    startThread(...append('thread 1')).ended,
    startThread(...append('thread 2')).ended,
  ]);
  const store = testStore({ path });
  const stored = (await readAll(store)).map(seen);

  expect(stored.map(([seqNum]) => seqNum)).toEqual(span(1, 4 * EACH));
  for (const writer of ['process 1', 'process 2', 'thread 1', 'thread 2'])
    expect(stored.filter(([, by]) => by === writer).map(([, , n]) => n)).toEqual(span(1, EACH));
  expect(JSON.parse(await tail.readLine())).toEqual(stored);
  await tail.ended;
});
