import { afterSequenceNumber, DeserializationError, type EventStore, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { faultyStore, request, type StoreFault } from 'rx-watcher/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { deadLetter } from '../../src/testing/conformance/support/dead-letters.ts';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../src/testing/conformance/support/note.ts';
import { readAll, readPage } from '../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../src/testing/conformance/support/requests.ts';

const NO = new Error('no');

/** Calls `getLatestSeqNum` six times. Returns the numbers of the failed calls, starting with 1. */
async function failedOf(fault: Omit<StoreFault, 'method'>): Promise<readonly number[]> {
  const store = faultyStore(createMemoryStore(), [{ method: 'getLatestSeqNum', error: NO, ...fault }]);
  const calls = span(1, 6).map(() => firstValueFrom(store.getLatestSeqNum()));
  const results = await Promise.allSettled(calls);
  return span(1, 6).filter((n) => results[n - 1]?.status === 'rejected');
}

const withEvents = async (count: number, faults: readonly StoreFault[]): Promise<EventStore> => {
  const store = createMemoryStore();
  await store.storeEvents(span(1, count).map(created));
  return faultyStore(store, faults);
};

describe('a fault of faultyStore with the property calls', () => {
  it('a fault of a faulty store occurs in every call by default, or in the calls that a number, a list or a function selects', async () => {
    expect(await failedOf({})).toEqual(span(1, 6));
    expect(await failedOf({ calls: 2 })).toEqual([2]);
    expect(await failedOf({ calls: [1, 4, 5] })).toEqual([1, 4, 5]);
    expect(await failedOf({ calls: (call) => call % 3 === 0 })).toEqual([3, 6]);
    expect(await failedOf({ calls: [] })).toEqual([]);
  });

  it('the property calls of a fault counts each subscription to a read, and each call of a write', async () => {
    const store = await withEvents(0, [
      { method: 'getLatestSeqNum', calls: 2, error: NO },
      { method: 'storeCheckpoint', calls: 2, error: NO },
    ]);
    const read = store.getLatestSeqNum();
    store.getLatestSeqNum();

    expect([note(read), note(read), note(read)].map(({ error }) => error)).toEqual([
      undefined,
      NO,
      undefined,
    ]);
    await store.storeCheckpoint('w', 1);
    expect(await failureOf(store.storeCheckpoint('w', 2))).toBe(NO);
    await store.storeCheckpoint('w', 3);
  });

  it('the property calls of a fault counts the calls of each method separately, and includes calls with other faults', async () => {
    const store = await withEvents(0, [
      { method: 'storeCheckpoint', calls: 1, error: 'first' },
      { method: 'storeCheckpoint', calls: 2, error: 'second' },
    ]);

    await store.deleteCheckpoint('w');
    expect(await failureOf(store.storeCheckpoint('w', 1))).toBe('first');
    expect(await failureOf(store.storeCheckpoint('w', 1))).toBe('second');
  });
});

describe('a fault of faultyStore with the property when', () => {
  it('a fault with the property when occurs in each call with arguments for which that predicate returns true', async () => {
    const store = await withEvents(0, [{ method: 'storeCheckpoint', when: (id) => id === 'bad', error: NO }]);

    await store.storeCheckpoint('good', 1);
    expect(await failureOf(store.storeCheckpoint('bad', 1))).toBe(NO);
    expect(await firstValueFrom(store.checkpoints())).toEqual(new Map([['good', 1]]));
  });

  it('a fault with calls and when occurs only in calls that both properties select, and each call of the method is counted', async () => {
    const isBad = (one: unknown) => (one as { objectType?: string }).objectType === 'Bad';
    const store = await withEvents(0, [{ method: 'storeEvent', calls: [1, 3], when: isBad, error: NO }]);

    await store.storeEvent(request());
    await store.storeEvent(request({ objectType: 'Bad' }));
    expect(await failureOf(store.storeEvent(request({ objectType: 'Bad' })))).toBe(NO);
  });
});

describe('a fault of faultyStore with the property seqNum', () => {
  it('a fault with the property seqNum fails writes of a checkpoint or dead letter with this number, and deletions of that dead letter', async () => {
    const store = await withEvents(3, [
      { method: 'storeCheckpoint', seqNum: 2, error: 'checkpoint' },
      { method: 'storeDeadLetter', seqNum: 2, error: 'dead letter' },
      { method: 'deleteDeadLetter', seqNum: 2, error: 'forgotten' },
    ]);

    await Promise.all([1, 3].map((n) => store.storeCheckpoint('w', n)));
    await Promise.all([1, 3].map((n) => store.storeDeadLetter(deadLetter(n))));
    await Promise.all([1, 3].map((n) => store.deleteDeadLetter('w', n)));
    expect(await failureOf(store.storeCheckpoint('w', 2))).toBe('checkpoint');
    expect(await failureOf(store.storeDeadLetter(deadLetter(2)))).toBe('dead letter');
    expect(await failureOf(store.deleteDeadLetter('w', 2))).toBe('forgotten');
  });

  it('a fault with the property seqNum fails a replay before the event with this number', async () => {
    const notes = note(
      (await withEvents(5, [{ method: 'events', seqNum: 3, error: NO }])).events(trimHorizon()),
    );
    await notes.ended;

    expect([seqNums(notes.values), notes.error]).toEqual([[1, 2], NO]);
  });

  it('a fault with the property seqNum does not occur in a replay with a filter that excludes the event with this number', async () => {
    const faults = [5, 3].map((seqNum) => ({ method: 'events', seqNum, error: `at ${seqNum}` }) as const);
    const store = await withEvents(5, faults);

    expect(await failureOf(readAll(store))).toBe('at 3');
    expect(await failureOf(readAll(store, afterSequenceNumber(3)))).toBe('at 5');
    expect(await readAll(store, trimHorizon(), { filter: { objectTypes: ['Run'] } })).toEqual([]);
  });

  it('a fault with the property seqNum ends a page before the event with this number, and fails a page that begins with it', async () => {
    const undecodable = () => new DeserializationError([], { seqNum: 3 });
    const store = await withEvents(5, [{ method: 'getEvents', seqNum: 3, error: undecodable }]);

    const first = await readPage(store, trimHorizon());
    expect(seqNums(first.events)).toEqual([1, 2]);
    expect(first.nextEventIterator).toEqual(afterSequenceNumber(2));
    expect(await failureOf(readPage(store, first.nextEventIterator))).toMatchObject({ seqNum: 3 });
    expect(seqNums((await readPage(store, afterSequenceNumber(3))).events)).toEqual([4, 5]);
  });

  it('a faulty store fails each page that begins with one of several events with a fault', async () => {
    const faults = [2, 3, 5].map((seqNum) => ({ method: 'getEvents', seqNum, error: seqNum }) as const);
    const store = await withEvents(5, faults);

    const pages = span(0, 4).map((n) => readPage(store, afterSequenceNumber(n)));
    const results = (await Promise.allSettled(pages)).map((page) =>
      page.status === 'fulfilled' ? seqNums(page.value.events) : page.reason,
    );
    expect(results).toEqual([[1], 2, 3, [4], 5]);
  });

  it('a read of dead letters with a fault at a seqNum emits the dead letters before this number, and then errors', async () => {
    const store = await withEvents(3, [{ method: 'deadLetters', seqNum: 2, error: NO }]);
    for (const n of span(1, 3)) await store.storeDeadLetter(deadLetter(n));

    const notes = note(store.deadLetters('w'));
    expect([notes.values.map(({ seqNum }) => seqNum), notes.error]).toEqual([[1], NO]);
  });
});

describe('the error that a fault of faultyStore causes', () => {
  it.each([[undefined], [null], [0], ['']])('the error of a fault can be %o', async (error) => {
    const store = await withEvents(1, [
      { method: 'storeCheckpoint', error },
      { method: 'getLatestSeqNum', error },
      { method: 'events', seqNum: 1, error },
    ]);

    const reads = [store.getLatestSeqNum(), store.events(trimHorizon())].map((read) =>
      firstValueFrom<unknown>(read),
    );
    expect(await Promise.allSettled([store.storeCheckpoint('w', 1), ...reads])).toEqual(
      span(1, 3).map(() => ({ status: 'rejected', reason: error })),
    );
  });

  it('the error of a fault can be a function, which is called for each failed call', async () => {
    let errorCount = 0;
    const error = () => `number ${++errorCount}`;
    const store = await withEvents(1, [
      { method: 'getLatestSeqNum', error },
      { method: 'storeCheckpoint', error },
    ]);
    const read = store.getLatestSeqNum();

    expect(errorCount).toBe(0);
    expect([note(read).error, note(read).error]).toEqual(['number 1', 'number 2']);
    expect(await failureOf(store.storeCheckpoint('w', 1))).toBe('number 3');
  });

  it('a failed call of a faulty store has the error of the first fault that matches the call', async () => {
    const store = await withEvents(0, [
      { method: 'storeCheckpoint', seqNum: 7, error: 'seven' },
      { method: 'storeCheckpoint', error: 'any' },
      { method: 'storeCheckpoint', error: 'never' },
    ]);

    expect(await failureOf(store.storeCheckpoint('w', 7))).toBe('seven');
    expect(await failureOf(store.storeCheckpoint('w', 8))).toBe('any');
  });
});
