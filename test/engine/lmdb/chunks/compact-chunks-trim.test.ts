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

/** Stores events, each in a commit of its own. */
const storeAlone = async (first: number, last: number): Promise<void> => {
  for (const n of span(first, last)) await fixture.store.storeEvent(created(n));
};

/** Has garbage collection let go of all that is stored, up to an event. */
const letGo = async (through: number): Promise<void> => {
  await fixture.store.storeCheckpoint('w', through);
  fixture.time.set(fixture.time.now() + 5000);
  expect(await fixture.store.collectGarbage()).toMatchObject({ oldestSeqNum: through + 1 });
};

const expectHeld = async (first: number, last: number): Promise<void> => {
  const held = await readAll(fixture.store);
  expect(held.map(({ seqNum, object }) => [seqNum, object])).toEqual(
    span(first, last).map((n) => [n, { n }]),
  );
  const below = readAll(fixture.store, afterSequenceNumber(first - 2));
  expect(await failureOf(below)).toEqual(new SequenceTrimmedError(first - 2, first));
};

test('the rest of a batch of which a part has gone is put together with what comes after it', async () => {
  await fixture.store.storeEvents(span(1, 100).map(created));
  await storeAlone(101, 1068);

  await letGo(50);

  expect(fixture.keys()).toEqual([1024, ...span(1025, 1068)]);
  await expectHeld(51, 1068);
});

test('of what was put together a part may go, and the rest after it', async () => {
  await storeAlone(1, 1068);
  await fixture.store.collectGarbage();
  expect(fixture.keys()).toEqual([1024, ...span(1025, 1068)]);

  await letGo(200);
  expect(fixture.keys()).toEqual([1024, ...span(1025, 1068)]);
  await expectHeld(201, 1068);

  await letGo(1024);
  expect(fixture.keys()).toEqual(span(1025, 1068));
  await expectHeld(1025, 1068);
});

test('a run goes on behind what has gone since the one before it', async () => {
  await storeAlone(1, 1068);
  await fixture.store.collectGarbage();
  await letGo(1048);
  await storeAlone(1069, 2086);

  await fixture.store.collectGarbage();

  expect(fixture.keys()).toEqual([2072, ...span(2073, 2086)]);
  await expectHeld(1049, 2086);
});

test('a log that was put together and let go of goes on with its numbers and its clock', async () => {
  await storeAlone(1, 1068);
  await fixture.store.collectGarbage();
  await letGo(1068);
  fixture.time.set(0);

  const next = await fixture.store.storeEvent(created(1069));

  expect(next).toMatchObject({ seqNum: 1069, timestamp: new Date(5000) });
  expect(fixture.keys()).toEqual([1069]);
});
