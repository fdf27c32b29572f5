import { stat } from 'node:fs/promises';
import { latest } from 'rx-watcher';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom, take } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { request, seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../conformance/each-directory.ts';
import { otherProcess } from '../engine/lmdb/notify/other-process.ts';
import { type Program, startProcess } from '../engine/program.ts';

/** How many events are kept, and how many are appended at a time. */
const KEPT = 5000;
const BATCH = 500;

/** A log of them is more than a pipe holds: who tells of them all to nobody is stuck while it reads. */
const batch = span(1, BATCH).map((n) => request('CREATE', 'Line', { writer: 'x'.repeat(200), n }));

describe('readers that are killed while they read', () => {
  let path: string;
  let store: LmdbEventStore;
  let stored: number;

  /** Appends a batch, and lets go of as much. */
  async function append() {
    expect((await store.storeEvents(batch))[0]?.seqNum).toBe(stored + 1);
    stored += BATCH;
    return store.collectGarbage();
  }

  /** Puts other events in the place of all that is kept. */
  async function turnOver() {
    for (let appended = 0; appended < KEPT; appended += BATCH) await append();
  }

  async function startReader(): Promise<Program> {
    const reader = startProcess('lmdb/many/tell-events.mjs', path);
    expect(await reader.told()).toBe('ready');
    await reader.toldMany(10);
    return reader;
  }

  async function killReaders(count: number) {
    const readers = await Promise.all(span(1, count).map(startReader));
    await Promise.all(readers.map((reader) => reader.kill()));
  }

  eachDirectory(async (directory) => {
    path = directory.file('events.lmdb');
    store = openLmdbStore({ path, gcAgeThreshold: 0, retention: { maxEvents: KEPT } });
    stored = 0;
    await turnOver();
  });
  afterEach(async () => {
    await store.close();
  });

  test('hold up nobody: neither those who go on, nor the one that is started again', async () => {
    for (const _ of span(1, 5)) {
      await killReaders(3);
      expect(await append()).toEqual({ deleted: BATCH, oldestSeqNum: stored - KEPT + 1 });
      expect(seqNums(await readAll(store))).toEqual(span(stored - KEPT + 1, stored));
    }

    const again = startProcess('lmdb/many/tell-events.mjs', path);
    expect(await again.told()).toBe('ready');
    const seen = (await again.toldMany(KEPT)).map((line) => Number(line.split(' ')[0]));
    expect(seen).toEqual(span(stored - KEPT + 1, stored));
    await again.kill();

    const next = firstValueFrom(store.events(latest()).pipe(take(1)));
    const other = await otherProcess(path);
    expect(await other.append(1)).toBe(stored + 1);
    expect((await next).seqNum).toBe(stored + 1);
    await other.end();
  });

  test('keep no room from being used again: the file does not grow for ever', async () => {
    await killReaders(5);
    await turnOver();
    await turnOver();
    const { size } = await stat(path);

    for (const _ of span(1, 3)) await turnOver();

    expect((await stat(path)).size).toBeLessThanOrEqual(size);
    expect(seqNums(await readAll(store))).toEqual(span(stored - KEPT + 1, stored));
  });
});
