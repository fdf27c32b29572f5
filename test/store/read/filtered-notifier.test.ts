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
import { VirtualClock } from '../../scheduling/virtual-clock.ts';

/** More than are told at once of what does not concern them. */
const MANY = 40;
const progressInterval = 1000;

const jobs: EventFilter = { objectTypes: ['Job'] };
const deletions: EventFilter = { operations: ['DELETE'] };

/** Readers that wait at the tail, each for a page through its filter; what they are given, and told meanwhile. */
function waiting(store: EventStore, filter: EventFilter, readers = MANY) {
  const pages: number[] = [];
  const told: number[] = [];
  const subscriptions = new Subscription();
  for (const _ of span(1, readers)) {
    const page = {
      iterator: latest(),
      filter,
      onProgress: (seqNum: number) => told.push(seqNum),
      progressInterval,
      longPollingTimeout: Number.POSITIVE_INFINITY,
    };
    subscriptions.add(store.getEvents(page).subscribe(({ events }) => pages.push(events.length)));
  }
  return { pages, told, subscriptions };
}

/** As many times the same. */
const each = (seqNum: number, readers = MANY) => span(1, readers).map(() => seqNum);

function setUp() {
  const clock = new VirtualClock();
  return { clock, store: createMemoryStore({ scheduler: clock }) };
}

describe('many readers that wait with filters', () => {
  it('are told at once of what they wait for, and nobody else is', () => {
    const { store } = setUp();
    const forJobs = waiting(store, jobs);
    const forDeletions = waiting(store, deletions);

    void store.storeEvent(request('CREATE', 'Job'));
    expect(forJobs.pages).toEqual(each(1));
    expect(forDeletions.pages).toEqual([]);

    void store.storeEvents([request('CREATE', 'Run'), request('DELETE', 'Run')]);
    expect(forDeletions.pages).toEqual(each(1));
  });

  it('are told of the progress past other events when its time has come, and wait on', () => {
    const { clock, store } = setUp();
    const { pages, told } = waiting(store, jobs);

    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(600);
    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(399);
    expect(told).toEqual([]);
    clock.advanceBy(1);
    expect(told).toEqual(each(2));
    expect(clock.timers).toBe(0);

    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(progressInterval);
    expect(told).toEqual([...each(2), ...each(3)]);
    expect(pages).toEqual([]);
  });

  it('are told, as they are woken, of what all of them have passed, so that nobody reads it once more', () => {
    const { store } = setUp();
    const { pages, told } = waiting(store, jobs);
    void store.storeEvent(request('CREATE', 'Run'));
    void store.storeEvent(request('CREATE', 'Job'));
    expect(told).toEqual(each(1));
    expect(pages).toEqual(each(1));
  });

  it('have an empty page behind what they were told of when their time is over', () => {
    const { clock, store } = setUp();
    const places: EventIterator[] = [];
    for (const _ of span(1, MANY)) {
      const page = { iterator: latest(), filter: jobs, onProgress() {}, progressInterval: 10 };
      store
        .getEvents({ ...page, longPollingTimeout: 5000 })
        .subscribe(({ nextEventIterator }) => places.push(nextEventIterator));
    }
    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(4999);
    expect(places).toEqual([]);
    clock.advanceBy(1);
    expect(places).toEqual(span(1, MANY).map(() => afterSequenceNumber(1)));
    expect(clock.timers).toBe(0);
  });

  it('set no timer before there is anything to tell, nor leave one behind', () => {
    const { clock, store } = setUp();
    const { subscriptions } = waiting(store, jobs);
    expect(clock.timers).toBe(0);
    void store.storeEvent(request('CREATE', 'Run'));
    expect(clock.timers).toBe(1);
    subscriptions.unsubscribe();
    expect(clock.timers).toBe(0);
  });

  it('are told of everything when more has come at once than anybody looks through', () => {
    const { store } = setUp();
    const { pages } = waiting(store, jobs);
    void store.storeEvents(span(1, 10_001).map(() => request('CREATE', 'Run')));
    expect(pages).toHaveLength(MANY);
  });

  it('have an empty page when the store closes', async () => {
    const { store } = setUp();
    const { pages } = waiting(store, jobs);
    await store.close();
    expect(pages).toEqual(each(0));
  });

  it('let the event loop turn while thousands are told', () => {
    const { clock, store } = setUp();
    const now = clock.now.bind(clock);
    let looks = 0;
    // Time goes by while they are woken: a millisecond for each look at the clock.
    clock.now = () => now() + looks++;
    const { pages } = waiting(store, jobs, 2000);
    void store.storeEvent(request('CREATE', 'Job'));
    expect(pages.length).toBeLessThan(2000);
    clock.advanceBy(0);
    expect(pages).toHaveLength(2000);
  });
});

describe('what was appended', () => {
  const append = (log: EventLog, type: string) =>
    log.append([{ operation: 'CREATE', objectType: type, payload: new Uint8Array() }], 0);
  const tailOf = (log: EventLog) => createFilteredAppendNotifier(log, new VirtualClock());

  it.each([1, MANY])('is read once for %i readers whom it does not concern', (readers) => {
    const log = createMemoryEventLog();
    const reads: ReadRequest[] = [];
    const clock = new VirtualClock();
    const read = (request: ReadRequest) => {
      reads.push(request);
      return log.read(request);
    };
    const store = createEventStore({ ...log, read }, { scheduler: clock });
    const { told } = waiting(store, jobs, readers);
    reads.length = 0;

    void append(log, 'Run');
    void append(log, 'Run');
    clock.advanceBy(progressInterval);

    expect(told).toEqual(readers === 1 ? [1, 2] : each(2));
    expect(reads.length).toBe(2);
  });

  it('is not read at all where the engine tells what it was, and that follows on', () => {
    const log = createMemoryEventLog();
    let reads = 0;
    const read = (request: ReadRequest) => {
      reads++;
      return log.read(request);
    };
    const tail = createFilteredAppendNotifier({ read }, new VirtualClock());
    const forRuns = note(tail.since(0, { objectTypes: ['Run'] }, progressInterval));
    const forJobs = note(tail.since(0, jobs, progressInterval));
    const tell = (type: string, seqNum: number) => {
      void append(log, type);
      tail.wake([{ operation: 'CREATE', objectType: type, payload: new Uint8Array(), seqNum, timestamp: 0 }]);
    };

    tell('Note', 1);
    tell('Run', 2);
    expect([forRuns.values, forRuns.isComplete, reads]).toEqual([[1, 1], true, 0]);
    expect([forJobs.values, forJobs.isComplete]).toEqual([[1, 2], false]);

    void append(log, 'Job');
    tell('Note', 4);
    expect([forJobs.isComplete, reads]).toEqual([true, 1]);
  });

  it('is not missed by one reader because another has read it before anybody was woken', () => {
    const log = createMemoryEventLog();
    const tail = tailOf(log);
    void append(log, 'Run');
    const early = note(tail.since(1, jobs, progressInterval));
    for (const _ of span(1, MANY)) tail.since(1, deletions, progressInterval).subscribe();
    void append(log, 'Job');
    void append(log, 'Run');
    const late = note(tail.since(3, jobs, progressInterval));

    tail.wake([]);

    for (const { values, isComplete } of [early, late]) expect([values, isComplete]).toEqual([[1], true]);
  });

  it('and was not there yet when a reader looked has him look once more', () => {
    const log = createMemoryEventLog();
    const tail = tailOf(log);
    void append(log, 'Run');
    const waits = note(tail.since(1, jobs, progressInterval));
    void append(log, 'Run');
    tail.wake([]);

    const behind = note(tail.since(1, jobs, progressInterval));
    const abreast = note(tail.since(2, jobs, progressInterval));

    expect([waits.values, waits.isComplete]).toEqual([[2], false]);
    expect([behind.values, behind.isComplete]).toEqual([[], true]);
    expect(abreast.isComplete).toBe(false);
  });

  it("and has gone before anybody looked is everybody's business", async () => {
    const log = createMemoryEventLog();
    const tail = tailOf(log);
    const waiting = note(tail.since(0, jobs, progressInterval));
    for (const _ of span(1, 3)) await append(log, 'Job');
    await log.trim({
      maxSeqNum: 3,
      maxTimestamp: Number.POSITIVE_INFINITY,
      respectCheckpoints: false,
      maxRecords: 10,
    });

    tail.wake([]);

    expect([waiting.values, waiting.isComplete]).toEqual([[0], true]);
  });
});

it('few readers are told at once of progress, too', () => {
  const { clock, store } = setUp();
  const { told } = waiting(store, jobs, 3);
  void store.storeEvent(request('CREATE', 'Run'));
  expect(told).toEqual([1, 1, 1]);
  expect(clock.timers).toBe(0);
});

it('a reader who is told of nothing has an empty page for each append', () => {
  const { store } = setUp();
  const pages: GetEventsResponse[] = [];
  store.getEvents({ iterator: latest(), filter: jobs }).subscribe((page) => pages.push(page));
  void store.storeEvent(request('CREATE', 'Run'));
  expect(pages).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
});

it('what the one who is told throws is the error of the read', () => {
  const { store } = setUp();
  const failure = new Error('no room for that');
  const onProgress = () => {
    throw failure;
  };
  const read = note(store.getEvents({ iterator: latest(), filter: jobs, onProgress } as WatcherPageRequest));
  void store.storeEvent(request('CREATE', 'Run'));
  expect(read.error).toBe(failure);
});

it('many watchers that wait with filters lose nothing', () => {
  const { clock, store } = setUp();
  const manager = createManager(store);
  const seen = span(1, MANY).map((n) => {
    const own: number[] = [];
    const filter = { objectTypes: [`Type${n % 4}`] };
    manager.create(`w${n}`, { filter, autoStart: true, handler: ({ seqNum }) => void own.push(seqNum) });
    return own;
  });
  for (const n of span(1, 100)) {
    void store.storeEvent(request('CREATE', `Type${n % 5}`));
    if (n % 7 === 0) clock.advanceBy(300);
  }
  for (const [index, own] of seen.entries()) {
    const type = (index + 1) % 4;
    expect(own).toEqual(span(1, 100).filter((n) => n % 5 === type));
  }
});
