import fc from 'fast-check';
import { EMPTY, firstValueFrom, NEVER, queueScheduler, type SchedulerLike, Subject } from 'rxjs';
import { expect, it } from 'vitest';
import type { LogPage } from '../../../src/engine/contract/event-log.ts';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import {
  afterSequenceNumber,
  createEventStore,
  type EventIterator,
  type EventStore,
} from '../../../src/index.ts';
import type { WatcherPageRequest } from '../../../src/store/event-store.ts';
import { createFilteredAppendNotifier } from '../../../src/store/read/filtered-notifier.ts';
import { request, span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';

const READERS = 60;
/** Delay of progress notifications to many readers, in milliseconds. */
const DELAY = 1000;

/** Creates a clock that advances by a millisecond per call of `now`, so that notifying many readers takes several slices. */
function tickingClock(): VirtualClock {
  const clock = new VirtualClock();
  const now = clock.now.bind(clock);
  let clockReads = 0;
  clock.now = () => now() + clockReads++;
  return clock;
}

/** Creates a store that counts the reads of its log. */
function setUp() {
  const clock = tickingClock();
  const log = createMemoryEventLog();
  let reads = 0;
  const counted = {
    ...log,
    read(page: Parameters<typeof log.read>[0]) {
      reads++;
      return log.read(page);
    },
  };
  return { clock, store: createEventStore(counted, { scheduler: clock }), reads: () => reads };
}

/** Reads pages of one object type continuously. Returns the read events, the position and the reported progress. */
function readPages(store: EventStore, objectType: string, after = 0) {
  const reader = {
    events: [] as number[],
    position: afterSequenceNumber(after) as EventIterator,
    progress: [after],
  };
  const readNext = (): void => {
    const page = {
      filter: { objectTypes: [objectType] },
      onProgress(seqNum: number) {
        reader.position = afterSequenceNumber(seqNum);
        reader.progress.push(seqNum);
      },
      longPollingTimeout: Number.POSITIVE_INFINITY,
    };
    store.getEvents({ ...page, iterator: reader.position }).subscribe(({ events, nextEventIterator }) => {
      reader.events.push(...events.map(({ seqNum }) => seqNum));
      reader.position = nextEventIterator;
      readNext();
    });
  };
  readNext();
  return reader;
}

it('many readers that wait with a filter together cause only one read per append of an excluded event', () => {
  const { clock, store, reads } = setUp();
  const readers = span(1, READERS).map(() => readPages(store, 'Job'));
  const before = reads();

  for (const _ of span(1, 20)) {
    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(DELAY / 4);
  }
  clock.advanceBy(10 * DELAY);

  expect(new Set(readers.map(({ position }) => JSON.stringify(position)))).toEqual(
    new Set([JSON.stringify({ type: 'after_sequence_number', sequenceNumber: 20 })]),
  );
  expect(reads() - before).toBe(20);
});

it('progress notifications to many readers leave most of the time to other tasks', () => {
  const { clock, store } = setUp();
  const readers = span(1, READERS).map(() => readPages(store, 'Job'));
  void store.storeEvent(request('CREATE', 'Run'));
  const notified = () => readers.filter(({ position }) => JSON.stringify(position).includes('1')).length;

  clock.advanceBy(DELAY);
  const atFirst = notified();
  expect(atFirst).toBeLessThan(READERS / 2);
  clock.advanceBy(50);
  expect(notified()).toBe(atFirst);
  clock.advanceBy(1000);
  expect(notified()).toBe(READERS);
});

it('a read with a longPollingTimeout of 0 returns new events even if waiting readers are not yet notified of them', async () => {
  const log = createMemoryEventLog();
  const store = createEventStore({ ...log, appended$: NEVER }, { scheduler: new VirtualClock() });
  readPages(store, 'Job');
  await store.storeEvent(request('CREATE', 'Job'));

  const page = { filter: { objectTypes: ['Job'] }, onProgress() {}, longPollingTimeout: 0 };
  const { events } = await firstValueFrom(store.getEvents({ ...page, iterator: afterSequenceNumber(0) }));

  expect(events.map(({ seqNum }) => seqNum)).toEqual([1]);
});

it('all waiting readers are notified of each append if the scheduler runs tasks synchronously', () => {
  const scheduler: SchedulerLike = {
    now: () => 0,
    schedule: (work, _delay, state) => queueScheduler.schedule(work as never, 0, state),
  };
  const store = createEventStore(createMemoryEventLog(), { scheduler });
  const progress: number[] = [];
  const page = {
    filter: { objectTypes: ['Job'] },
    longPollingTimeout: Number.POSITIVE_INFINITY,
  };
  for (const _ of span(1, READERS)) {
    const onProgress = (seqNum: number) => void progress.push(seqNum);
    store
      .getEvents({ ...page, iterator: afterSequenceNumber(0), onProgress } as WatcherPageRequest)
      .subscribe();
  }

  void store.storeEvent(request('CREATE', 'Run'));
  void store.storeEvent(request('CREATE', 'Run'));

  expect(progress).toEqual([...span(1, READERS).map(() => 1), ...span(1, READERS).map(() => 2)]);
});

it('a reader is notified of no progress beyond an event that matches its filter', () => {
  const log = createMemoryEventLog();
  const clock = tickingClock();
  const notifier = createFilteredAppendNotifier(log, clock);
  const append = (objectType: string) => {
    void log.append([{ operation: 'CREATE', objectType, payload: new Uint8Array() }], 0);
    notifier.wake([]);
  };
  const progress: number[] = [];
  let woken = 0;
  /** Delays the first woken reader until the pending progress notifications are due, before the next reader is woken. */
  const wake = () => {
    if (woken++ === 0) clock.frame += 500;
  };
  for (const _ of span(1, READERS)) {
    const observer = { next: (seqNum: number) => void progress.push(seqNum), complete: wake };
    notifier.since(0, { objectTypes: ['Job'] }).subscribe(observer);
  }

  // Readers of the object type Note continue to wait for progress, so the timer of the notification is not cancelled.
  for (const _ of span(1, READERS)) notifier.since(0, { objectTypes: ['Note'] }).subscribe();

  append('Run');
  clock.advanceBy(DELAY);
  append('Job');
  clock.advanceBy(20 * DELAY);

  expect(woken).toBe(READERS);
  expect(new Set(progress)).toEqual(new Set([1]));
});

it('the progress of a reader does not move backwards if the pages of two reads arrive in reverse order', () => {
  const pages = [new Subject<LogPage>(), new Subject<LogPage>()];
  let reads = 0;
  const notifier = createFilteredAppendNotifier({ read: () => pages[reads++] ?? EMPTY }, new VirtualClock());
  const progress: number[] = [];
  notifier.since(0, { objectTypes: ['Job'] }).subscribe((seqNum) => progress.push(seqNum));

  notifier.wake([]);
  notifier.wake([]);
  for (const seqNum of [2, 1])
    pages[seqNum - 1]?.next({ records: [], lastScannedSeqNum: seqNum, oldest: 1, latest: seqNum });

  expect(progress).toEqual([2]);
});

it('an append cancels the shared timer of notifications if only a few readers still wait', () => {
  const clock = new VirtualClock();
  const log = createMemoryEventLog();
  const notifier = createFilteredAppendNotifier(log, clock);
  const append = () => {
    void log.append([{ operation: 'CREATE', objectType: 'Run', payload: new Uint8Array() }], 0);
    notifier.wake([]);
  };
  const waiting = span(1, READERS).map(() => notifier.since(0, { objectTypes: ['Job'] }).subscribe());

  append();
  expect(clock.timers).toBe(1);
  for (const subscription of waiting.slice(1)) subscription.unsubscribe();
  append();

  expect(clock.timers).toBe(0);
});

it('every waiting reader gets all matching events in order, and its progress only increases', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constantFrom('Job', 'Run', 'Other') }),
    fc.record({ wait: fc.integer({ min: 0, max: 1500 }) }),
    fc.record({ reader: fc.constantFrom('Job', 'Run'), back: fc.integer({ min: 0, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, store } = setUp();
      const types = span(1, READERS).map((n) => (n % 3 ? 'Job' : 'Run'));
      const readers = types.map((type) => ({ type, since: 0, reader: readPages(store, type) }));
      const stored: string[] = [];
      for (const one of steps) {
        if ('type' in one) {
          stored.push(one.type);
          void store.storeEvent(request('CREATE', one.type));
        } else if ('wait' in one) clock.advanceBy(one.wait);
        else {
          const since = Math.max(0, stored.length - one.back);
          readers.push({ type: one.reader, since, reader: readPages(store, one.reader, since) });
        }
      }
      clock.advanceBy(20 * DELAY);

      for (const { type, since, reader } of readers) {
        expect(reader.progress).toEqual([...new Set(reader.progress)].sort((a, b) => a - b));
        const expected = stored.flatMap((storedType, index) =>
          storedType === type && index >= since ? [index + 1] : [],
        );
        expect(reader.events).toEqual(expected);
        if (stored.length > since)
          expect(reader.position).toEqual({ type: 'after_sequence_number', sequenceNumber: stored.length });
      }
    }),
  );
});
