import type { Event } from 'rx-watcher';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { appendAndKill } from '../../../support/lmdb/append-and-kill.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';

const idOf = ({ object }: Event) => (object as { id?: string }).id;

test('a writer that is killed during appends does not block another process and loses no acknowledged event', async () => {
  const path = testFile();
  const store = testStore({ path });
  const here: Event[] = [];
  const there = new Map<number, string>();

  for (const [run, count] of [1, 60, 7, 200, 25].entries()) {
    let killed = false;
    const appends = (async () => {
      while (!killed) here.push(await store.storeEvent(created(here.length)));
    })();
    const { ids } = await appendAndKill(path, run, count);
    killed = true;
    await appends;
    here.push(await store.storeEvent(created(here.length)));
    for (const [seqNum, id] of ids) there.set(seqNum, id);
  }

  const events = await readAll(store);
  expect(seqNums(events)).toEqual(span(1, events.length));
  expect(here.map(({ seqNum }) => events[seqNum - 1])).toStrictEqual(here);
  expect([...there].filter(([seqNum, id]) => idOf(events[seqNum - 1] as Event) !== id)).toEqual([]);
  expect(there.size).toBeGreaterThanOrEqual(1 + 60 + 7 + 200 + 25);
});
