import { type Event, type EventStore, latest } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { created, request, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';
import { startProcess } from '../../../support/program.ts';

const ROUNDS = 200;

describe(`each of ${ROUNDS} events that are appended one after another`, () => {
  let path: string;
  let store: EventStore;

  beforeEach(() => {
    path = testFile();
    store = testStore({ path });
  });

  test('each of many successive appends wakes a live reader in another process', async () => {
    const tail = startProcess(new URL('./tail-each.mjs', import.meta.url), path);
    expect(await tail.readLine()).toBe('ready');

    for (const n of span(1, ROUNDS)) {
      await store.storeEvent(created(n));
      expect(await tail.readLine()).toBe(String(n));
    }

    await tail.end();
  });

  test('each of many successive appends wakes another process that appends an answer, and each answer wakes a reader of this process', async () => {
    const other = startProcess(new URL('./answer.mjs', import.meta.url), path);
    expect(await other.readLine()).toBe('ready');

    for (const n of span(1, ROUNDS)) {
      const answer: Promise<Event> = firstValueFrom(
        store.events(latest(), { filter: { objectTypes: ['Answer'] } }),
      );
      await store.storeEvent(request('CREATE', 'Call', { n }));
      expect(await answer).toMatchObject({ seqNum: 2 * n, object: { n } });
    }

    await other.end();
  });
});

test('a process that continuously writes checkpoints detects an append of another process', async () => {
  const path = testFile();
  const store = testStore({ path });
  let isSeen = false;
  const seen = firstValueFrom(store.events(latest())).finally(() => {
    isSeen = true;
  });

  const writing = (async () => {
    for (let n = 1; !isSeen; n++) await store.storeCheckpoint('w', n);
  })();
  await startProcess(new URL('./append-many.mjs', import.meta.url), path, 'other', 1, 1).ended;

  expect(await seen).toMatchObject({ seqNum: 1, objectType: 'other' });
  await writing;
});
