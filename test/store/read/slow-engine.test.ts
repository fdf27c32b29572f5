import {
  createEventStore,
  type EventLog,
  type EventStore,
  latest,
  type StoreOptions,
  trimHorizon,
} from 'rx-watcher';
import { defer, delay, type Observable } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { trimThrough } from '../../../src/testing/conformance/log-fixture.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { created, seqNums, span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';

const READ = 10;

/** Memory engine that returns the result of each read after `READ` milliseconds. */
function slowLog(time: VirtualClock): EventLog {
  const log = createMemoryEventLog();
  const slowly = <T>(source: Observable<T>): Observable<T> => source.pipe(delay(READ, time));
  return { ...log, read: (request) => slowly(log.read(request)), bounds: () => slowly(log.bounds()) };
}

describe('on an engine with slow reads', () => {
  let time: VirtualClock;
  let store: EventStore;
  const open = (options: StoreOptions = {}) =>
    createEventStore(slowLog(time), { scheduler: time, ...options });

  beforeEach(() => {
    time = new VirtualClock();
    store = open();
  });

  test('a page is emitted as soon as a slow read of the engine has completed', async () => {
    await store.storeEvents([created(1), created(2)]);
    const page = note(store.getEvents({ iterator: trimHorizon() }));

    time.advanceBy(READ - 1);
    expect(page.values).toEqual([]);
    time.advanceBy(1);
    expect(page.values.map(({ events }) => seqNums(events))).toEqual([[1, 2]]);
  });

  test('getEvents emits an event that is appended during a slow read of the engine', async () => {
    const page = note(store.getEvents({ iterator: trimHorizon() }));
    time.advanceBy(READ / 2);
    await store.storeEvent(created(1));

    time.advanceBy(2 * READ);

    expect(page.values.map(({ events }) => seqNums(events))).toEqual([[1]]);
  });

  test('events emits an event that is appended during a slow read of the engine', async () => {
    const live = note(store.events(trimHorizon()));
    time.advanceBy(READ + READ / 2);
    await store.storeEvent(created(1));

    time.advanceBy(2 * READ);

    expect(seqNums(live.values)).toEqual([1]);
  });

  test('getEvents with a longPollingTimeout of 0 waits for a slow read of the engine, but not for an append', async () => {
    store = open({ longPollingTimeout: 0 });
    await store.storeEvent(created(1));
    const found = note(store.getEvents({ iterator: trimHorizon() }));
    const none = note(store.getEvents({ iterator: latest() }));

    time.advanceBy(3 * READ);

    expect(found.values.map(({ events }) => seqNums(events))).toEqual([[1]]);
    expect(none.values).toEqual([
      { events: [], nextEventIterator: { type: 'after_sequence_number', sequenceNumber: 1 } },
    ]);
  });

  test('a subscriber that unsubscribes during a slow read of the engine receives no page', async () => {
    await store.storeEvent(created(1));
    const page = note(store.getEvents({ iterator: trimHorizon() }));
    time.advanceBy(READ / 2);

    page.subscription.unsubscribe();
    time.advanceBy(READ);

    expect(page.values).toEqual([]);
  });

  test('a live read completes if the store closes during a read of the engine', async () => {
    const live = note(store.events(trimHorizon()));
    time.advanceBy(READ / 2);

    await store.close();
    time.advanceBy(2 * READ);

    expect(live.isComplete).toBe(true);
    expect(live.error).toBeUndefined();
  });
});

test('a read with live: false excludes events that are appended between the subscription and the first read of the engine', async () => {
  const log = createMemoryEventLog();
  let appendBeforeRead: (() => Promise<unknown>) | undefined;
  const store = createEventStore(
    {
      ...log,
      read: (request) =>
        defer(() => {
          void appendBeforeRead?.();
          appendBeforeRead = undefined;
          return log.read(request);
        }),
    },
    { scheduler: new VirtualClock() },
  );
  await store.storeEvents(span(1, 10).map(created));
  await trimThrough(log, 5);

  appendBeforeRead = () => store.storeEvents(span(11, 20).map(created));
  const replay = note(store.events(trimHorizon(), { live: false }));

  expect(seqNums(replay.values)).toEqual(span(6, 10));
  expect(replay.isComplete).toBe(true);
});
