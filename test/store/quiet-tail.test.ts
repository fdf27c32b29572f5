import { Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  afterSequenceNumber,
  createEventStore,
  createManager,
  type EventFilter,
  type EventIterator,
  type EventLog,
  type EventStore,
  latest,
} from '../../src/index.ts';
import { createMemoryStore } from '../../src/memory.ts';
import type { ReadRequest } from '../../src/store/event-log.ts';
import { createQuietTail } from '../../src/store/quiet-tail.ts';
import { createMemoryEventLog } from '../../src/stores/memory/memory-event-log.ts';
import { note } from '../../src/testing/conformance/note.ts';
import { request, span } from '../../src/testing/conformance/requests.ts';
import { VirtualClock } from '../flow/virtual-clock.ts';

/** More than are told at once of what does not concern them. */
const MANY = 40;
const progressInterval = 1000;

const jobs: EventFilter = { objectTypes: ['Job'] };
const deletions: EventFilter = { operations: ['DELETE'] };

/** Readers that wait at the tail, each for a page through its filter; how many of them have one. */
function waiting(store: EventStore, filter: EventFilter, readers = MANY) {
  const pages: number[] = [];
  const subscriptions = new Subscription();
  for (const _ of span(1, readers)) {
    const page = {
      iterator: latest(),
      filter,
      progressInterval,
      longPollingTimeout: Number.POSITIVE_INFINITY,
    };
    subscriptions.add(store.getEvents(page).subscribe(({ events }) => pages.push(events.length)));
  }
  return { pages, subscriptions };
}

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
    expect(forJobs.pages).toEqual(span(1, MANY).map(() => 1));
    expect(forDeletions.pages).toEqual([]);

    void store.storeEvents([request('CREATE', 'Run'), request('DELETE', 'Run')]);
    expect(forDeletions.pages).toEqual(span(1, MANY).map(() => 1));
  });

  it('are told of the progress past other events when its time has come', () => {
    const { clock, store } = setUp();
    const { pages } = waiting(store, jobs);

    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(600);
    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(399);
    expect(pages).toEqual([]);
    clock.advanceBy(1);
    expect(pages).toEqual(span(1, MANY).map(() => 0));
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
    expect(pages).toEqual(span(1, MANY).map(() => 0));
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
  const tailOf = (log: EventLog) => createQuietTail(log, new VirtualClock());

  it.each([1, MANY])(
    'is read once for %i readers whom it does not concern, and they are told how far',
    (readers) => {
      const log = createMemoryEventLog();
      const reads: ReadRequest[] = [];
      const clock = new VirtualClock();
      const read = (request: ReadRequest) => {
        reads.push(request);
        return log.read(request);
      };
      const store = createEventStore({ ...log, read }, { scheduler: clock });
      const nextPlaces: EventIterator[] = [];
      for (const _ of span(1, readers)) {
        const page = { iterator: latest(), filter: jobs, progressInterval, longPollingTimeout: 1e9 };
        store.getEvents(page).subscribe(({ nextEventIterator }) => nextPlaces.push(nextEventIterator));
      }
      reads.length = 0;

      void append(log, 'Run');
      void append(log, 'Run');
      clock.advanceBy(progressInterval);

      expect(nextPlaces).toEqual(span(1, readers).map(() => afterSequenceNumber(readers === 1 ? 1 : 2)));
      expect(reads.length).toBeLessThanOrEqual(2);
    },
  );

  it('is not missed by one reader because another has read it before anybody was woken', () => {
    const log = createMemoryEventLog();
    const tail = tailOf(log);
    void append(log, 'Run');
    const early = note(tail.since(1, jobs, progressInterval));
    for (const _ of span(1, MANY)) tail.since(1, deletions, progressInterval).subscribe();
    void append(log, 'Job');
    void append(log, 'Run');
    const late = note(tail.since(3, jobs, progressInterval));

    tail.wake();

    for (const { values, isComplete } of [early, late]) expect([values, isComplete]).toEqual([[], true]);
  });

  it("and has gone before anybody looked is everybody's business", async () => {
    const log = createMemoryEventLog();
    const tail = tailOf(log);
    const waiting = note(tail.since(0, jobs, progressInterval));
    for (const _ of span(1, 3)) await append(log, 'Job');
    await log.trim({ upTo: 3, notAfter: Number.POSITIVE_INFINITY, heedCheckpoints: false, maxRecords: 10 });

    tail.wake();

    expect([waiting.values, waiting.isComplete]).toEqual([[], true]);
  });
});

it('few readers are told at once of progress, too', () => {
  const { store } = setUp();
  const { pages } = waiting(store, jobs, 3);
  void store.storeEvent(request('CREATE', 'Run'));
  expect(pages).toEqual([0, 0, 0]);
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
