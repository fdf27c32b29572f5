import { type EventStore, latest, trimHorizon } from 'rx-watcher';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type OtherProcess, otherProcess } from '../../../support/lmdb/other-process.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';

describe('an LMDB log to which another process appends', () => {
  let store: EventStore;
  let other: OtherProcess;

  beforeEach(async () => {
    const path = testFile();
    store = testStore({ path, longPollingTimeout: Number.POSITIVE_INFINITY });
    other = await otherProcess(path);
  });
  afterEach(() => other.end());

  test('a log contains each event of another process when that process has acknowledged its append', async () => {
    for (const n of span(1, 20)) {
      expect(await other.append(1)).toBe(n);
      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(n);
      expect(seqNums(await readAll(store))).toEqual(span(1, n));
    }
  });

  test('live readers of this process wake at each append of another process', async () => {
    const events = firstValueFrom(store.events(trimHorizon()).pipe(take(60), toArray()));

    for (const _ of span(1, 20)) {
      const next = lastValueFrom(store.events(latest()).pipe(take(3)));
      const last = await other.append(3);
      expect((await next).seqNum).toBe(last);
    }

    expect(seqNums(await events)).toEqual(span(1, 60));
  });

  test('live readers of this process wake at appends of another process during and after continuous appends of this process', async () => {
    const firstOf = (objectType: string) =>
      firstValueFrom(store.events(trimHorizon(), { filter: { objectTypes: [objectType] } }).pipe(take(1)));
    let isSeen = false;
    const seen = firstOf('Far').finally(() => {
      isSeen = true;
    });

    let here = 0;
    const appendHere = async () => {
      while (!isSeen) here = (await store.storeEvent(created(0))).seqNum;
    };
    const appending = appendHere();
    for (const _ of span(1, 20)) await store.storeEvent(created(0)); // then the store ignores its own file notices
    const there = await other.append(1);
    await appending;

    expect((await seen).seqNum).toBe(there);
    const next = lastValueFrom(store.events(latest()).pipe(take(1)));
    const end = Math.max(here, there); // the last append of either process can be the end of the log
    expect(await other.append(1)).toBe(end + 1);
    expect((await next).seqNum).toBe(end + 1);
  });

  test('a long poll of this process wakes at an append of another process', async () => {
    const page = firstValueFrom(store.getEvents({ iterator: latest() }));

    await other.append(2);

    expect(seqNums((await page).events)).toEqual([1, 2]);
  });

  test('a log has contiguous sequence numbers if two processes append at the same time', async () => {
    const far = (async () => {
      for (const _ of span(1, 20)) await other.append(3);
    })();
    const single = span(1, 60).map((n) => store.storeEvent(created(n)));
    const pairs = span(61, 90).map((n) => store.storeEvents([created(n), request('UPDATE', 'Job')]));

    const stored = [...(await Promise.all(single)), ...(await Promise.all(pairs)).flat()];
    await far;
    const events = await readAll(store);

    expect(seqNums(events)).toEqual(span(1, 60 + 120));
    expect(stored.map(({ seqNum }) => events[seqNum - 1])).toStrictEqual(stored);
    expect(events.filter(({ objectType }) => objectType === 'Far')).toHaveLength(60);
  });
});
