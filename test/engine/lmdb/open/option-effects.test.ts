import { afterSequenceNumber, jsonSerializer } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom, Subject } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { passEverything } from '../../../../src/testing/conformance/support/pass-everything.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';

let path: string;

eachDirectory((directory) => {
  path = directory.file('events.lmdb');
});

test.each([
  [undefined, 100, 0],
  [1000, 100, 0],
  [0, 100, 100],
  [5, 100, 90],
])(
  'a store with a cacheSize of %s that reads %i events a second time decodes at least %i events again',
  async (cacheSize, count, minimum) => {
    const { encode, decode } = jsonSerializer();
    const decoded = vi.fn(decode);
    const store = openLmdbStore({ path, cacheSize, serializer: { encode, decode: decoded } });
    await store.storeEvents(span(1, count).map(created));
    await readAll(store);
    decoded.mockClear();

    await readAll(store);

    expect(decoded.mock.calls.length).toBeGreaterThanOrEqual(minimum);
    if (minimum === 0) expect(decoded).not.toHaveBeenCalled();
    await store.close();
  },
);

test('an LMDB store logs a warning at each scheduled garbage collection that fails', async () => {
  const env = openEnv(path);
  const time = new VirtualClock();
  const warnings = new Subject<string>();
  const logger = { debug() {}, info() {}, warn: (message: string) => warnings.next(message), error() {} };
  const store = openLmdbStore({ env, scheduler: time, gcAgeThreshold: 1, gcCadence: 1000, logger });
  await store.storeEvent(created(1));
  await env.close();

  for (const _ of span(1, 2)) {
    const warning = firstValueFrom(warnings);
    time.advanceBy(1000);
    expect(await warning).toMatch(/garbage collection failed.*the environment is closed/);
  }
  await store.close();
});

test('garbage collection with default options deletes an event that is a day old and that every checkpoint has passed', async () => {
  const time = new VirtualClock();
  const store = openLmdbStore({ path, scheduler: time });
  const day = 24 * 60 * 60 * 1000;
  await store.storeEvent(created(1));
  await passEverything(store);

  time.set(day - 1);
  expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
  time.set(day);
  expect(await store.collectGarbage()).toEqual({ deleted: 1, oldestSeqNum: 2 });
  expect(await readAll(store, afterSequenceNumber(1))).toEqual([]);
  await store.close();
});
