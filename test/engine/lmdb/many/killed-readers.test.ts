import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';
import { startProcess } from '../../../support/program.ts';

const READERS = 20;

test(`the death of ${READERS} processes during a live read disturbs neither appends nor garbage collection nor later reads`, async () => {
  const path = testFile();
  const store = testStore({ path, retention: { maxEvents: 10 }, gcAgeThreshold: 0, gcCadence: 1e9 });
  let last = 0;
  const append = async () => {
    last = (await store.storeEvent(created(last + 1))).seqNum;
  };

  for (const reader of span(1, READERS)) {
    const tail = startProcess(new URL('./tail-each.mjs', import.meta.url), path);
    expect(await tail.readLine()).toBe('ready');
    // The appends continue during the kill, so that the kill can interrupt a wake-up of the reader.
    const appends = (async () => {
      for (const _ of span(1, 20)) await append();
    })();
    await tail.readLine();
    await tail.kill();
    await appends;

    expect(last).toBe(20 * reader);
    expect(await store.collectGarbage()).toEqual({ deleted: reader === 1 ? 10 : 20, oldestSeqNum: last - 9 });
  }

  const tail = startProcess(new URL('./tail-many.mjs', import.meta.url), path, 11);
  expect(await tail.readLine()).toBe('ready');
  await append();
  expect(JSON.parse(await tail.readLine()).map(([seqNum]: [number]) => seqNum)).toEqual(
    span(last - 10, last),
  );
  await tail.ended;
  expect(seqNums(await readAll(store))).toEqual(span(last - 10, last));
  expect(await firstValueFrom(store.getLatestSeqNum())).toBe(last);
}, 120_000);
