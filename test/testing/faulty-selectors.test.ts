import { afterSequenceNumber, DeserializationError, type EventStore, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { faultyStore, request, type StoreFault } from 'rx-watcher/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { letter } from '../../src/testing/conformance/support/letters.ts';
import { note } from '../../src/testing/conformance/support/note.ts';
import { readPage } from '../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../src/testing/conformance/support/requests.ts';

const NO = new Error('no');

/** Which of six latest numbers that were asked for did not come. */
async function failedOf(fault: Omit<StoreFault, 'method'>): Promise<readonly number[]> {
  const store = faultyStore(createMemoryStore(), [{ method: 'getLatestSeqNum', error: NO, ...fault }]);
  const asked = span(1, 6).map(() => firstValueFrom(store.getLatestSeqNum()));
  const results = await Promise.allSettled(asked);
  return span(1, 6).filter((n) => results[n - 1]?.status === 'rejected');
}

const withEvents = async (count: number, faults: readonly StoreFault[]): Promise<EventStore> => {
  const store = createMemoryStore();
  await store.storeEvents(span(1, count).map(created));
  return faultyStore(store, faults);
};

describe('a fault by the count of calls', () => {
  it('is in every call, in one, in several, or where a rule says so', async () => {
    expect(await failedOf({})).toEqual(span(1, 6));
    expect(await failedOf({ calls: 2 })).toEqual([2]);
    expect(await failedOf({ calls: [1, 4, 5] })).toEqual([1, 4, 5]);
    expect(await failedOf({ calls: (call) => call % 3 === 0 })).toEqual([3, 6]);
    expect(await failedOf({ calls: [] })).toEqual([]);
  });

  it('counts a read when it is subscribed to, each time, and a write when it is called', async () => {
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

  it('counts each method by itself, and its calls in which something else goes wrong too', async () => {
    const store = await withEvents(0, [
      { method: 'storeCheckpoint', calls: 1, error: 'first' },
      { method: 'storeCheckpoint', calls: 2, error: 'second' },
    ]);

    await store.deleteCheckpoint('w');
    expect(await failureOf(store.storeCheckpoint('w', 1))).toBe('first');
    expect(await failureOf(store.storeCheckpoint('w', 1))).toBe('second');
  });
});

describe('a fault by arguments', () => {
  it('is where they are as it says', async () => {
    const store = await withEvents(0, [{ method: 'storeCheckpoint', when: (id) => id === 'bad', error: NO }]);

    await store.storeCheckpoint('good', 1);
    expect(await failureOf(store.storeCheckpoint('bad', 1))).toBe(NO);
    expect(await firstValueFrom(store.checkpoints())).toEqual(new Map([['good', 1]]));
  });

  it('and by count is where both are so: the calls of others count too', async () => {
    const isBad = (one: unknown) => (one as { objectType?: string }).objectType === 'Bad';
    const store = await withEvents(0, [{ method: 'storeEvent', calls: [1, 3], when: isBad, error: NO }]);

    await store.storeEvent(request());
    await store.storeEvent(request({ objectType: 'Bad' }));
    expect(await failureOf(store.storeEvent(request({ objectType: 'Bad' })))).toBe(NO);
  });
});

describe('a fault by number', () => {
  it('is in the write of a checkpoint or a dead letter that names it', async () => {
    const store = await withEvents(3, [
      { method: 'storeCheckpoint', seqNum: 2, error: 'checkpoint' },
      { method: 'storeDeadLetter', seqNum: 2, error: 'letter' },
      { method: 'deleteDeadLetter', seqNum: 2, error: 'forgotten' },
    ]);

    await Promise.all([1, 3].map((n) => store.storeCheckpoint('w', n)));
    await Promise.all([1, 3].map((n) => store.storeDeadLetter(letter(n))));
    await Promise.all([1, 3].map((n) => store.deleteDeadLetter('w', n)));
    expect(await failureOf(store.storeCheckpoint('w', 2))).toBe('checkpoint');
    expect(await failureOf(store.storeDeadLetter(letter(2)))).toBe('letter');
    expect(await failureOf(store.deleteDeadLetter('w', 2))).toBe('forgotten');
  });

  it('ends a replay before that event', async () => {
    const notes = note(
      (await withEvents(5, [{ method: 'events', seqNum: 3, error: NO }])).events(trimHorizon()),
    );

    expect([seqNums(notes.values), notes.error]).toEqual([[1, 2], NO]);
  });

  it('is at its event, whichever of several comes first, and none at those that the filter leaves out', async () => {
    const faults = [5, 3].map((seqNum) => ({ method: 'events', seqNum, error: `at ${seqNum}` }) as const);
    const store = await withEvents(5, faults);

    expect(note(store.events(trimHorizon())).error).toBe('at 3');
    expect(note(store.events(afterSequenceNumber(3))).error).toBe('at 5');
    expect(note(store.events(trimHorizon(), { filter: { objectTypes: ['Run'] } })).error).toBeUndefined();
  });

  it('ends a page before that event, and fails the one that begins with it, and no other', async () => {
    const lost = () => new DeserializationError([], { seqNum: 3 });
    const store = await withEvents(5, [{ method: 'getEvents', seqNum: 3, error: lost }]);

    const first = await readPage(store, trimHorizon());
    expect(seqNums(first.events)).toEqual([1, 2]);
    expect(first.nextEventIterator).toEqual(afterSequenceNumber(2));
    expect(await failureOf(readPage(store, first.nextEventIterator))).toMatchObject({ seqNum: 3 });
    expect(seqNums((await readPage(store, afterSequenceNumber(3))).events)).toEqual([4, 5]);
  });

  it('is in each page that begins with one of several', async () => {
    const faults = [2, 3, 5].map((seqNum) => ({ method: 'getEvents', seqNum, error: seqNum }) as const);
    const store = await withEvents(5, faults);

    const pages = span(0, 4).map((n) => readPage(store, afterSequenceNumber(n)));
    const told = (await Promise.allSettled(pages)).map((page) =>
      page.status === 'fulfilled' ? seqNums(page.value.events) : page.reason,
    );
    expect(told).toEqual([[1], 2, 3, [4], 5]);
  });

  it('is at the dead letter of that event', async () => {
    const store = await withEvents(3, [{ method: 'deadLetters', seqNum: 2, error: NO }]);
    for (const n of span(1, 3)) await store.storeDeadLetter(letter(n));

    const notes = note(store.deadLetters('w'));
    expect([notes.values.map(({ seqNum }) => seqNum), notes.error]).toEqual([[1], NO]);
  });
});

describe('what a fault fails with', () => {
  it.each([[undefined], [null], [0], ['']])('may be %o', async (error) => {
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

  it('is made for each call by a function', async () => {
    let made = 0;
    const error = () => `number ${++made}`;
    const store = await withEvents(1, [
      { method: 'getLatestSeqNum', error },
      { method: 'storeCheckpoint', error },
    ]);
    const read = store.getLatestSeqNum();

    expect(made).toBe(0);
    expect([note(read).error, note(read).error]).toEqual(['number 1', 'number 2']);
    expect(await failureOf(store.storeCheckpoint('w', 1))).toBe('number 3');
  });

  it('is that of the first of several faults', async () => {
    const store = await withEvents(0, [
      { method: 'storeCheckpoint', seqNum: 7, error: 'seven' },
      { method: 'storeCheckpoint', error: 'any' },
      { method: 'storeCheckpoint', error: 'never' },
    ]);

    expect(await failureOf(store.storeCheckpoint('w', 7))).toBe('seven');
    expect(await failureOf(store.storeCheckpoint('w', 8))).toBe('any');
  });
});
