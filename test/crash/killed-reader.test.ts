import { stat } from 'node:fs/promises';
import { latest } from 'rx-watcher';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom, take } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { request, seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../support/each-directory.ts';
import { otherProcess } from '../support/lmdb/other-process.ts';
import { type Program, startProcess } from '../support/program.ts';

const RETAINED = 5000;

const BATCH = 500;

/** Events of one append. The printed log exceeds the buffer of a pipe, so that a child blocks in the middle of its read. */
const batch = span(1, BATCH).map((n) => request('CREATE', 'Line', { writer: 'x'.repeat(200), n }));

describe('a reader that is killed while it reads', () => {
  let path: string;
  let store: LmdbEventStore;
  let stored: number;

  /** Appends a batch, and deletes as many events. */
  async function append() {
    expect((await store.storeEvents(batch))[0]?.seqNum).toBe(stored + 1);
    stored += BATCH;
    return store.collectGarbage();
  }

  /** Replaces all events of the log by new events. */
  async function replaceAll() {
    for (let appended = 0; appended < RETAINED; appended += BATCH) await append();
  }

  async function startReader(): Promise<Program> {
    const reader = startProcess(new URL('../engine/lmdb/many/print-events.mjs', import.meta.url), path);
    expect(await reader.readLine()).toBe('ready');
    await reader.readLines(10);
    return reader;
  }

  async function killReaders(count: number) {
    const readers = await Promise.all(span(1, count).map(startReader));
    await Promise.all(readers.map((reader) => reader.kill()));
  }

  eachDirectory(async (directory) => {
    path = directory.file('events.lmdb');
    store = openLmdbStore({ path, gcAgeThreshold: 0, retention: { maxEvents: RETAINED } });
    stored = 0;
    await replaceAll();
  });
  afterEach(async () => {
    await store.close();
  });

  test('a reader that is killed while it reads blocks neither other processes nor a later reader', async () => {
    for (const _ of span(1, 5)) {
      await killReaders(3);
      expect(await append()).toEqual({ deleted: BATCH, oldestSeqNum: stored - RETAINED + 1 });
      expect(seqNums(await readAll(store))).toEqual(span(stored - RETAINED + 1, stored));
    }

    const again = startProcess(new URL('../engine/lmdb/many/print-events.mjs', import.meta.url), path);
    expect(await again.readLine()).toBe('ready');
    const seen = (await again.readLines(RETAINED)).map((line) => Number(line.split(' ')[0]));
    expect(seen).toEqual(span(stored - RETAINED + 1, stored));
    await again.kill();

    const next = firstValueFrom(store.events(latest()).pipe(take(1)));
    const other = await otherProcess(path);
    expect(await other.append(1)).toBe(stored + 1);
    expect((await next).seqNum).toBe(stored + 1);
    await other.end();
  });

  test('a reader that is killed does not prevent LMDB from reusing the pages of deleted events, so that the file stops growing', async () => {
    await killReaders(5);
    await replaceAll();
    await replaceAll();
    const { size } = await stat(path);

    for (const _ of span(1, 3)) await replaceAll();

    expect((await stat(path)).size).toBeLessThanOrEqual(size);
    expect(seqNums(await readAll(store))).toEqual(span(stored - RETAINED + 1, stored));
  });
});
