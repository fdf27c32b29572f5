import { afterSequenceNumber, SequenceTrimmedError } from 'rx-watcher';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type TableFixture, tableFixture } from './table-fixture.ts';

let fixture: TableFixture;

beforeEach(async () => {
  fixture = await tableFixture();
  fixture.time.set(5000);
});
afterEach(() => fixture.remove());

/** Stores events, each in a separate commit. */
const storeSeparately = async (first: number, last: number): Promise<void> => {
  for (const n of span(first, last)) await fixture.store.storeEvent(created(n));
};

/** Deletes the events up to a sequence number by garbage collection. */
const trim = async (seqNum: number): Promise<void> => {
  await fixture.store.storeCheckpoint('w', seqNum);
  fixture.time.set(fixture.time.now() + 5000);
  expect(await fixture.store.collectGarbage()).toMatchObject({ oldestSeqNum: seqNum + 1 });
};

const expectEvents = async (first: number, last: number): Promise<void> => {
  const events = await readAll(fixture.store);
  expect(events.map(({ seqNum, object }) => [seqNum, object])).toEqual(
    span(first, last).map((n) => [n, { n }]),
  );
  const below = readAll(fixture.store, afterSequenceNumber(first - 2));
  expect(await failureOf(below)).toEqual(new SequenceTrimmedError(first - 2, first));
};

test('compaction merges the remaining events of a partly trimmed batch with later events', async () => {
  await fixture.store.storeEvents(span(1, 100).map(created));
  await storeSeparately(101, 1068);

  await trim(50);

  expect(fixture.keys()).toEqual([1024, ...span(1025, 1068)]);
  await expectEvents(51, 1068);
});

test('the events of a compacted chunk can be trimmed in several steps', async () => {
  await storeSeparately(1, 1068);
  await fixture.store.collectGarbage();
  expect(fixture.keys()).toEqual([1024, ...span(1025, 1068)]);

  await trim(200);
  expect(fixture.keys()).toEqual([1024, ...span(1025, 1068)]);
  await expectEvents(201, 1068);

  await trim(1024);
  expect(fixture.keys()).toEqual(span(1025, 1068));
  await expectEvents(1025, 1068);
});

test('compaction continues at the oldest event if events after its last position were trimmed', async () => {
  await storeSeparately(1, 1068);
  await fixture.store.collectGarbage();
  await trim(1048);
  await storeSeparately(1069, 2086);

  await fixture.store.collectGarbage();

  expect(fixture.keys()).toEqual([2072, ...span(2073, 2086)]);
  await expectEvents(1049, 2086);
});

test('a log that was compacted and then completely trimmed continues its sequence numbers and timestamps', async () => {
  await storeSeparately(1, 1068);
  await fixture.store.collectGarbage();
  await trim(1068);
  fixture.time.set(0);

  const next = await fixture.store.storeEvent(created(1069));

  expect(next).toMatchObject({ seqNum: 1069, timestamp: new Date(5000) });
  expect(fixture.keys()).toEqual([1069]);
});
