import fc from 'fast-check';
import { EMPTY, firstValueFrom, NEVER, queueScheduler, Subject } from 'rxjs';
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
import { VirtualClock } from '../../scheduling/virtual-clock.ts';

const READERS = 60;
const progressInterval = 1000;

/** Time goes by while readers are told: a millisecond for each look at the clock, so that it takes several slices. */
function tickingClock(): VirtualClock {
  const clock = new VirtualClock();
  const now = clock.now.bind(clock);
  let looks = 0;
  clock.now = () => now() + looks++;
  return clock;
}

/** A store, and how often its log was read. */
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

/** A reader of one type who asks for the next page each time he has one: what he was given, and where he stands. */
function follow(store: EventStore, objectType: string, after = 0) {
  const reader = { seen: [] as number[], place: afterSequenceNumber(after) as EventIterator, told: [after] };
  const ask = (): void => {
    const page = {
      filter: { objectTypes: [objectType] },
      onProgress(seqNum: number) {
        reader.place = afterSequenceNumber(seqNum);
        reader.told.push(seqNum);
      },
      progressInterval,
      longPollingTimeout: Number.POSITIVE_INFINITY,
    };
    store.getEvents({ ...page, iterator: reader.place }).subscribe(({ events, nextEventIterator }) => {
      reader.seen.push(...events.map(({ seqNum }) => seqNum));
      reader.place = nextEventIterator;
      ask();
    });
  };
  ask();
  return reader;
}

it('who is told that there is nothing for him reads nothing', () => {
  const { clock, store, reads } = setUp();
  const readers = span(1, READERS).map(() => follow(store, 'Job'));
  const before = reads();

  for (const _ of span(1, 20)) {
    void store.storeEvent(request('CREATE', 'Run'));
    clock.advanceBy(progressInterval / 4);
  }
  clock.advanceBy(10 * progressInterval);

  expect(new Set(readers.map(({ place }) => JSON.stringify(place)))).toEqual(
    new Set([JSON.stringify({ type: 'after_sequence_number', sequenceNumber: 20 })]),
  );
  expect(reads() - before).toBe(20);
});

it('while many are told, others have most of the time', () => {
  const { clock, store } = setUp();
  const readers = span(1, READERS).map(() => follow(store, 'Job'));
  void store.storeEvent(request('CREATE', 'Run'));
  const told = () => readers.filter(({ place }) => JSON.stringify(place).includes('1')).length;

  clock.advanceBy(progressInterval);
  const atFirst = told();
  expect(atFirst).toBeLessThan(READERS / 2);
  clock.advanceBy(50);
  expect(told()).toBe(atFirst);
  clock.advanceBy(1000);
  expect(told()).toBe(READERS);
});

it('who does not wait sees what is stored before anybody was told of it', async () => {
  const log = createMemoryEventLog();
  const store = createEventStore({ ...log, appended$: NEVER }, { scheduler: new VirtualClock() });
  follow(store, 'Job');
  await store.storeEvent(request('CREATE', 'Job'));

  const now = { filter: { objectTypes: ['Job'] }, onProgress() {}, progressInterval, longPollingTimeout: 0 };
  const { events } = await firstValueFrom(store.getEvents({ ...now, iterator: afterSequenceNumber(0) }));

  expect(events.map(({ seqNum }) => seqNum)).toEqual([1]);
});

it('a scheduler that does at once what is to wait for no time tells everybody each time', () => {
  const store = createEventStore(createMemoryEventLog(), { scheduler: queueScheduler });
  const told: number[] = [];
  const page = {
    filter: { objectTypes: ['Job'] },
    progressInterval: 0,
    longPollingTimeout: Number.POSITIVE_INFINITY,
  };
  for (const _ of span(1, READERS)) {
    const onProgress = (seqNum: number) => void told.push(seqNum);
    store
      .getEvents({ ...page, iterator: afterSequenceNumber(0), onProgress } as WatcherPageRequest)
      .subscribe();
  }

  void store.storeEvent(request('CREATE', 'Run'));
  void store.storeEvent(request('CREATE', 'Run'));

  expect(told).toEqual([...span(1, READERS).map(() => 1), ...span(1, READERS).map(() => 2)]);
});

it('nobody is told past an event that he is yet to be woken for', () => {
  const log = createMemoryEventLog();
  const clock = tickingClock();
  const tail = createFilteredAppendNotifier(log, clock);
  const append = (objectType: string) => {
    void log.append([{ operation: 'CREATE', objectType, payload: new Uint8Array() }], 0);
    tail.wake([]);
  };
  const told: number[] = [];
  let woken = 0;
  /** The first who is woken takes so long that those who were not told yet come first. */
  const wake = () => {
    if (woken++ === 0) clock.frame += 500;
  };
  for (const _ of span(1, READERS)) {
    const observer = { next: (seqNum: number) => void told.push(seqNum), complete: wake };
    tail.since(0, { objectTypes: ['Job'] }, progressInterval).subscribe(observer);
  }

  // Others go on waiting, so that the telling goes on, too.
  for (const _ of span(1, READERS)) tail.since(0, { objectTypes: ['Note'] }, progressInterval).subscribe();

  append('Run');
  clock.advanceBy(progressInterval);
  append('Job');
  clock.advanceBy(20 * progressInterval);

  expect(woken).toBe(READERS);
  expect(new Set(told)).toEqual(new Set([1]));
});

it('pages that come in another order than they were asked for take nobody back', () => {
  const pages = [new Subject<LogPage>(), new Subject<LogPage>()];
  let reads = 0;
  const tail = createFilteredAppendNotifier({ read: () => pages[reads++] ?? EMPTY }, new VirtualClock());
  const told: number[] = [];
  tail.since(0, { objectTypes: ['Job'] }, progressInterval).subscribe((seqNum) => told.push(seqNum));

  tail.wake([]);
  tail.wake([]);
  for (const seqNum of [2, 1])
    pages[seqNum - 1]?.next({ records: [], lastScannedSeqNum: seqNum, oldest: 1, latest: seqNum });

  expect(told).toEqual([2]);
});

it('no timer is left when those who are left are told at once', () => {
  const clock = new VirtualClock();
  const log = createMemoryEventLog();
  const tail = createFilteredAppendNotifier(log, clock);
  const append = () => {
    void log.append([{ operation: 'CREATE', objectType: 'Run', payload: new Uint8Array() }], 0);
    tail.wake([]);
  };
  const waiting = span(1, READERS).map(() =>
    tail.since(0, { objectTypes: ['Job'] }, progressInterval).subscribe(),
  );

  append();
  expect(clock.timers).toBe(1);
  for (const subscription of waiting.slice(1)) subscription.unsubscribe();
  append();

  expect(clock.timers).toBe(0);
});

it('whoever waits is given all that he waits for, in order, and told how far he has come', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constantFrom('Job', 'Run', 'Other') }),
    fc.record({ wait: fc.integer({ min: 0, max: 1500 }) }),
    fc.record({ reader: fc.constantFrom('Job', 'Run'), back: fc.integer({ min: 0, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, store } = setUp();
      const readers = span(1, READERS).map((n) => ({ type: n % 3 ? 'Job' : 'Run', since: 0 }));
      const all = readers.map((reader) => ({ ...reader, follows: follow(store, reader.type) }));
      const stored: string[] = [];
      for (const one of steps) {
        if ('type' in one) {
          stored.push(one.type);
          void store.storeEvent(request('CREATE', one.type));
        } else if ('wait' in one) clock.advanceBy(one.wait);
        else {
          const since = Math.max(0, stored.length - one.back);
          all.push({ type: one.reader, since, follows: follow(store, one.reader, since) });
        }
      }
      clock.advanceBy(20 * progressInterval);

      for (const { type, since, follows } of all) {
        expect(follows.told).toEqual([...new Set(follows.told)].sort((a, b) => a - b));
        const expected = stored.flatMap((stood, index) =>
          stood === type && index >= since ? [index + 1] : [],
        );
        expect(follows.seen).toEqual(expected);
        if (stored.length > since)
          expect(follows.place).toEqual({ type: 'after_sequence_number', sequenceNumber: stored.length });
      }
    }),
  );
});
