import { Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ReadRequest } from '../../../src/engine/contract/event-log.ts';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import {
  afterSequenceNumber,
  createEventStore,
  createManager,
  type EventFilter,
  type EventIterator,
  type EventLog,
  type EventStore,
  type GetEventsResponse,
  latest,
} from '../../../src/index.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { WatcherPageRequest } from '../../../src/store/event-store.ts';
import { createFilteredAppendNotifier } from '../../../src/store/read/filtered-notifier.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { request, span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';

/** Number of waiting readers. Above 16 readers, notifications of excluded events are delayed. */
const MANY = 40;
/** Delay of progress notifications to many readers, in milliseconds. */
const DELAY = 1000;

const jobs: EventFilter = { objectTypes: ['Job'] };
const deletions: EventFilter = { operations: ['DELETE'] };

/** Starts readers that wait at the tail with a filter. Returns the sizes of their pages and their reported progress. */
function waiting(store: EventStore, filter: EventFilter, readers = MANY) {
  const pages: number[] = [];
  const progress: number[] = [];
  const subscriptions = new Subscription();
  for (const _ of span(1, readers)) {
    const page = {
      iterator: latest(),
      filter,
      onProgress: (seqNum: number) => progress.push(seqNum),
      longPollingTimeout: Number.POSITIVE_INFINITY,
    };
    subscriptions.add(store.getEvents(page).subscribe(({ events }) => pages.push(events.length)));
  }
  return { pages, progress, subscriptions };
}

/** Returns a list that contains the value once for each reader. */
const each = (value: number, readers = MANY) => span(1, readers).map(() => value);

function setUp() {
  const clock = new VirtualClock();
  return { clock, store: createMemoryStore({ scheduler: clock }) };
}

describe('many readers that wait with a filter', () => {
  it('many readers with a filter get a matching event immediately, while readers with other filters get no page', () => {
    const { store } = setUp();
    const forJobs = waiting(store, jobs);
    const forDeletions = waiting(store, deletions);

    void store.storeEvent(request('CREATE', 'Job'));
    expect(forJobs.pages).toEqual(each(1));
    expect(forDeletions.pages).toEqual([]);

    void store.storeEvents([request('CREATE', 'Run'), request('DELETE', 'Run')]);
    expect(forDeletions.pages).toEqual(each(1));
  });

  it('many waiting readers are notified of excluded events after one second, and continue to wait', () => {
    const { clock, store } = setUp();
    const { pages, progress } = waiting(store, jobs);

    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(600);
    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(399);
    expect(progress).toEqual([]);
    clock.advanceBy(1);
    expect(progress).toEqual(each(2));
    expect(clock.timers).toBe(0);

    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(DELAY);
    expect(progress).toEqual([...each(2), ...each(3)]);
    expect(pages).toEqual([]);
  });

  it('many waiting readers are notified of earlier excluded events when a matching event wakes the readers', () => {
    const { store } = setUp();
    const { pages, progress } = waiting(store, jobs);
    void store.storeEvent(request('CREATE', 'Run'));
    void store.storeEvent(request('CREATE', 'Job'));
    expect(progress).toEqual(each(1));
    expect(pages).toEqual(each(1));
  });

  it('many waiting readers get an empty page with a position after the excluded events when longPollingTimeout has passed', () => {
    const { clock, store } = setUp();
    const positions: EventIterator[] = [];
    for (const _ of span(1, MANY)) {
      const page = { iterator: latest(), filter: jobs, onProgress() {} };
      store
        .getEvents({ ...page, longPollingTimeout: 5000 })
        .subscribe(({ nextEventIterator }) => positions.push(nextEventIterator));
    }
    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(4999);
    expect(positions).toEqual([]);
    clock.advanceBy(1);
    expect(positions).toEqual(span(1, MANY).map(() => afterSequenceNumber(1)));
    expect(clock.timers).toBe(0);
  });

  it('many waiting readers share one timer, which exists only while a notification is pending', () => {
    const { clock, store } = setUp();
    const { subscriptions } = waiting(store, jobs);
    expect(clock.timers).toBe(0);
    void store.storeEvent(request('CREATE', 'Run'));
    expect(clock.timers).toBe(1);
    subscriptions.unsubscribe();
    expect(clock.timers).toBe(0);
  });

  it('many waiting readers all get a page if one append has more records than a notification scans', () => {
    const { store } = setUp();
    const { pages } = waiting(store, jobs);
    void store.storeEvents(span(1, 10_001).map(() => request('CREATE', 'Run')));
    expect(pages).toHaveLength(MANY);
  });

  it('many waiting readers get an empty page when the store closes', async () => {
    const { store } = setUp();
    const { pages } = waiting(store, jobs);
    await store.close();
    expect(pages).toEqual(each(0));
  });

  it('thousands of waiting readers are woken in several turns of the event loop', () => {
    const { clock, store } = setUp();
    const now = clock.now.bind(clock);
    let clockReads = 0;
    // Each call of `now` advances the clock by a millisecond, so that time passes while the readers are woken.
    clock.now = () => now() + clockReads++;
    const { pages } = waiting(store, jobs, 2000);
    void store.storeEvent(request('CREATE', 'Job'));
    expect(pages.length).toBeLessThan(2000);
    clock.advanceBy(0);
    expect(pages).toHaveLength(2000);
  });
});

describe('appended records and waiting readers', () => {
  const append = (log: EventLog, type: string) =>
    log.append([{ operation: 'CREATE', objectType: type, payload: new Uint8Array() }], 0);
  const notifierOf = (log: EventLog) => createFilteredAppendNotifier(log, new VirtualClock());

  it.each([1, MANY])(
    'appended records are read only once if the filter of %i waiting readers excludes them',
    (readers) => {
      const log = createMemoryEventLog();
      const reads: ReadRequest[] = [];
      const clock = new VirtualClock();
      const read = (request: ReadRequest) => {
        reads.push(request);
        return log.read(request);
      };
      const store = createEventStore({ ...log, read }, { scheduler: clock });
      const { progress } = waiting(store, jobs, readers);
      reads.length = 0;

      void append(log, 'Run');
      void append(log, 'Run');
      clock.advanceBy(DELAY);

      expect(progress).toEqual(readers === 1 ? [1, 2] : each(2));
      expect(reads.length).toBe(2);
    },
  );

  it('appended records are not read from the log if the engine emits them and they directly follow the last scanned record', () => {
    const log = createMemoryEventLog();
    let reads = 0;
    const read = (request: ReadRequest) => {
      reads++;
      return log.read(request);
    };
    const notifier = createFilteredAppendNotifier({ read }, new VirtualClock());
    const forRuns = note(notifier.since(0, { objectTypes: ['Run'] }));
    const forJobs = note(notifier.since(0, jobs));
    const appendAndWake = (type: string, seqNum: number) => {
      void append(log, type);
      notifier.wake([
        { operation: 'CREATE', objectType: type, payload: new Uint8Array(), seqNum, timestamp: 0 },
      ]);
    };

    appendAndWake('Note', 1);
    appendAndWake('Run', 2);
    expect([forRuns.values, forRuns.isComplete, reads]).toEqual([[1, 1], true, 0]);
    expect([forJobs.values, forJobs.isComplete]).toEqual([[1, 2], false]);

    void append(log, 'Job');
    appendAndWake('Note', 4);
    expect([forJobs.isComplete, reads]).toEqual([true, 1]);
  });

  it('an append wakes a reader that waited before, even if another reader has already read past the appended records', () => {
    const log = createMemoryEventLog();
    const notifier = notifierOf(log);
    void append(log, 'Run');
    const early = note(notifier.since(1, jobs));
    for (const _ of span(1, MANY)) notifier.since(1, deletions).subscribe();
    void append(log, 'Job');
    void append(log, 'Run');
    const late = note(notifier.since(3, jobs));

    notifier.wake([]);

    for (const { values, isComplete } of [early, late]) expect([values, isComplete]).toEqual([[1], true]);
  });

  it('a reader reads again if an append occurs between its read and the beginning of its wait', () => {
    const log = createMemoryEventLog();
    const notifier = notifierOf(log);
    void append(log, 'Run');
    const waiting = note(notifier.since(1, jobs));
    void append(log, 'Run');
    notifier.wake([]);

    const late = note(notifier.since(1, jobs));
    const current = note(notifier.since(2, jobs));

    expect([waiting.values, waiting.isComplete]).toEqual([[2], false]);
    expect([late.values, late.isComplete]).toEqual([[], true]);
    expect(current.isComplete).toBe(false);
  });

  it('all waiting readers wake if appended records are deleted before the notifier has scanned them', async () => {
    const log = createMemoryEventLog();
    const notifier = notifierOf(log);
    const waiting = note(notifier.since(0, jobs));
    for (const _ of span(1, 3)) await append(log, 'Job');
    await log.trim({
      maxSeqNum: 3,
      maxTimestamp: Number.POSITIVE_INFINITY,
      respectCheckpoints: false,
      maxRecords: 10,
    });

    notifier.wake([]);

    expect([waiting.values, waiting.isComplete]).toEqual([[0], true]);
  });
});

it('a few waiting readers are notified of excluded events immediately', () => {
  const { clock, store } = setUp();
  const { progress } = waiting(store, jobs, 3);
  void store.storeEvent(request('CREATE', 'Run'));
  expect(progress).toEqual([1, 1, 1]);
  expect(clock.timers).toBe(0);
});

it('a waiting reader without onProgress gets an empty page after an excluded event', () => {
  const { store } = setUp();
  const pages: GetEventsResponse[] = [];
  store.getEvents({ iterator: latest(), filter: jobs }).subscribe((page) => pages.push(page));
  void store.storeEvent(request('CREATE', 'Run'));
  expect(pages).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
});

it('a read fails with the error that onProgress throws', () => {
  const { store } = setUp();
  const failure = new Error('onProgress failed');
  const onProgress = () => {
    throw failure;
  };
  const read = note(store.getEvents({ iterator: latest(), filter: jobs, onProgress } as WatcherPageRequest));
  void store.storeEvent(request('CREATE', 'Run'));
  expect(read.error).toBe(failure);
});

it('many watchers with filters get all matching events', () => {
  const { clock, store } = setUp();
  const manager = createManager(store);
  const handled = span(1, MANY).map((n) => {
    const seqNums: number[] = [];
    const filter = { objectTypes: [`Type${n % 4}`] };
    manager.create(`w${n}`, { filter, autoStart: true, handler: ({ seqNum }) => void seqNums.push(seqNum) });
    return seqNums;
  });
  for (const n of span(1, 100)) {
    void store.storeEvent(request('CREATE', `Type${n % 5}`));
    if (n % 7 === 0) clock.advanceBy(300);
  }
  for (const [index, seqNums] of handled.entries()) {
    const type = (index + 1) % 4;
    expect(seqNums).toEqual(span(1, 100).filter((n) => n % 5 === type));
  }
});
