import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Event } from 'rx-watcher';
import { afterSequenceNumber, SequenceTrimmedError } from 'rx-watcher';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';

const directory = eachDirectory();
let path: string;
let copy: string;
let store: LmdbEventStore;

beforeEach(() => {
  path = directory.file('events.lmdb');
  copy = directory.file('copy.lmdb');
  store = openLmdbStore({ path, gcAgeThreshold: 0, retention: { maxEvents: 10 } });
});
afterEach(async () => {
  await store.close();
});

/** Opens the copy as a store, calls a function with the store, and closes it. */
const inCopy = async <R>(run: (copied: LmdbEventStore) => Promise<R>): Promise<R> => {
  const copied = openLmdbStore({ path: copy, gcAgeThreshold: 0 });
  try {
    return await run(copied);
  } finally {
    await copied.close();
  }
};

const text = (bytes: number) => request('CREATE', 'Text', 'x'.repeat(bytes));

describe('a backup of an LMDB store', () => {
  test('a backup opens as a store with the same events and checkpoints, and continues the sequence numbers', async () => {
    await store.storeEvents(span(1, 600).map(created));
    await store.storeCheckpoint('w', 5);
    const events = await readAll(store);

    await store.backup(copy);

    await inCopy(async (copied) => {
      expect(await readAll(copied)).toStrictEqual(events);
      expect(await firstValueFrom(copied.checkpoints())).toEqual(new Map([['w', 5]]));
      expect((await copied.storeEvent(created(601))).seqNum).toBe(601);
    });
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(600);
  });

  test('a backup of an LMDB store can be opened as an empty store if the original store is empty', async () => {
    await store.backup(copy);

    await inCopy(async (copied) => {
      expect(await readAll(copied)).toEqual([]);
      expect((await copied.storeEvent(created(1))).seqNum).toBe(1);
    });
  });

  test('a backup of an LMDB store has no gaps and contains all events that were acknowledged before the backup', async () => {
    await store.storeEvents(span(1, 200).map(() => text(20_000)));
    let isCopied = false;
    const acknowledged: Event[] = [];
    const append = async () => {
      while (!isCopied) acknowledged.push(...(await store.storeEvents([created(1), created(2), created(3)])));
    };
    const appends = span(1, 4).map(append);
    while (acknowledged.length < 12) await setImmediate();
    const before = 200 + acknowledged.length;

    await store.backup(copy);
    isCopied = true;
    await Promise.all(appends);

    const all = await readAll(store);
    const copiedEvents = await inCopy((copied) => readAll(copied));
    expect(all.length).toBe(200 + acknowledged.length);
    expect(all.length).toBeGreaterThan(before);
    expect(copiedEvents.length).toBeGreaterThanOrEqual(before);
    expect((copiedEvents.length - 200) % 3).toBe(0);
    expect(copiedEvents).toStrictEqual(all.slice(0, copiedEvents.length));
  });

  test('a backup of a trimmed log contains only the remaining events, and rejects reads of trimmed events', async () => {
    for (const _ of span(1, 50)) await store.storeEvent(text(20_000));
    await store.collectGarbage();
    const events = await readAll(store);
    expect(seqNums(events)).toEqual(span(41, 50));

    await store.backup(copy);

    expect(statSync(path).size).toBeGreaterThan(1_000_000);
    expect(statSync(copy).size).toBeLessThan(400_000);
    await inCopy(async (copied) => {
      expect(await readAll(copied)).toStrictEqual(events);
      expect(await failureOf(readAll(copied, afterSequenceNumber(7)))).toEqual(
        new SequenceTrimmedError(7, 41),
      );
    });
  });

  test('a backup that is in progress is completed before close resolves', async () => {
    await store.storeEvents(span(1, 500).map(() => text(20_000)));

    const backup = store.backup(copy);
    await store.close();
    await backup;

    expect(seqNums(await inCopy((copied) => readAll(copied)))).toEqual(span(1, 500));
  });

  test('a backup can be created from another backup, and while other backups are in progress', async () => {
    await store.storeEvents(span(1, 30).map(created));
    const second = directory.file('second.lmdb');
    const third = directory.file('third.lmdb');

    await Promise.all([store.backup(copy), store.backup(second)]);
    await inCopy((copied) => copied.backup(third));

    for (const each of [second, third]) {
      const copied = openLmdbStore({ path: each });
      expect(seqNums(await readAll(copied))).toEqual(span(1, 30));
      await copied.close();
    }
  });
});
