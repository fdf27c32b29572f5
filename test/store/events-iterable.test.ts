import fc from 'fast-check';
import {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  DeserializationError,
  type Event,
  type EventIterator,
  type EventStore,
  type EventsOptions,
  eventsIterable,
  InvalidOptionsError,
  latest,
  SequenceTrimmedError,
  StoreClosedError,
  StoreError,
  trimHorizon,
} from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import {
  asyncScheduler,
  finalize,
  type Observable,
  observeOn,
  type SchedulerLike,
  Subscription,
  throwError,
} from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { failureOf, faultPaths } from '../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { testStore } from '../support/lmdb/test-store.ts';
import { nextTurn } from '../support/next-turn.ts';

/** Store that counts the reads, keep-alives and retention pins of its readers. */
interface CountedStore {
  readonly store: EventStore;
  reads: number;
  /** Number of reads that have not ended. */
  pending: number;
  /** Number of subscriptions that keep the process alive. */
  keepAlives: number;
  /** Positions that garbage collection respects. */
  readonly pins: Set<() => number>;
}

/**
 * Wraps a store. With `isAsync`, the wrapped store emits pages in a later turn of the event loop, as an engine on a server
 * does.
 */
function counted(store: EventStore, isAsync = false): CountedStore {
  const result: { -readonly [K in keyof CountedStore]: CountedStore[K] } = {
    reads: 0,
    pending: 0,
    keepAlives: 0,
    pins: new Set(),
    store: {
      ...store,
      getEvents(request) {
        result.reads++;
        result.pending++;
        const page = store.getEvents(request).pipe(finalize(() => result.pending--));
        return isAsync ? page.pipe(observeOn(asyncScheduler)) : page;
      },
      internals: {
        ...store.internals,
        keepAlive() {
          result.keepAlives++;
          return new Subscription(() => result.keepAlives--);
        },
        retainFrom(position) {
          result.pins.add(position);
          return new Subscription(() => result.pins.delete(position));
        },
      },
    },
  };
  return result;
}

const requests = (count: number, objectType = 'Job') =>
  Array.from({ length: count }, (_, n) => ({ operation: 'CREATE' as const, objectType, object: { n } }));

/**
 * Creates a store with events. With the default clock, a read does not yield to the event loop until the test advances the
 * clock.
 */
async function storeWith(count: number, scheduler: SchedulerLike = new VirtualClock()): Promise<EventStore> {
  const store = createMemoryStore({ scheduler });
  await store.storeEvents(requests(count));
  return store;
}

const iterate = (store: EventStore, from = trimHorizon(), options: EventsOptions = {}) =>
  eventsIterable(store, from, options)[Symbol.asyncIterator]() as Required<AsyncIterator<Event, undefined>>;

/** Reads the first of two pages, and moves the clock past the end of the time slice. */
async function iterationAfterSlice() {
  const time = new VirtualClock();
  const source = counted(await storeWith(2, time));
  const iterator = iterate(source.store, trimHorizon(), { batchSize: 1 });
  await iterator.next();
  time.advanceBy(20);
  return { time, source, iterator };
}

async function collect(iterable: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of iterable) events.push(event);
  return events;
}

const seqNumOf = async (step: Promise<IteratorResult<Event>>) => ((await step).value as Event).seqNum;
const END = { done: true, value: undefined };

describe.each([
  ['synchronous', false],
  ['asynchronous', true],
])('eventsIterable of a store with %s reads', (_kind, isAsync) => {
  test('eventsIterable reads a page only when all events of the previous page are taken', async () => {
    const source = counted(await storeWith(6), isAsync);
    const iterator = iterate(source.store, trimHorizon(), { batchSize: 2 });
    expect(source.reads).toBe(0);

    const readsAfter: number[] = [];
    for (let n = 0; n < 6; n++) {
      await iterator.next();
      readsAfter.push(source.reads);
    }

    expect(readsAfter).toEqual([1, 1, 2, 2, 3, 3]);
    await iterator.return();
  });

  test('eventsIterable continues with new events at the tail', async () => {
    const source = counted(await storeWith(1), isAsync);
    const iterator = iterate(source.store);
    await iterator.next();

    const next = iterator.next();
    await source.store.storeEvents(requests(1));

    expect(await seqNumOf(next)).toBe(2);
    await iterator.return();
  });

  test('eventsIterable with live: false yields no event that is appended after the first step', async () => {
    const source = counted(await storeWith(3), isAsync);
    const seqNums: number[] = [];

    for await (const { seqNum } of eventsIterable(source.store, trimHorizon(), {
      live: false,
      batchSize: 2,
    })) {
      if (seqNum === 1) await source.store.storeEvents(requests(3));
      seqNums.push(seqNum);
    }

    expect(seqNums).toEqual([1, 2, 3]);
    expect(source.pins.size).toBe(0);
  });

  test('eventsIterable stops reading from the store when the loop is left by break', async () => {
    const source = counted(await storeWith(3), isAsync);

    for await (const { seqNum } of eventsIterable(source.store, trimHorizon(), { batchSize: 1 })) {
      expect(source.pins.size).toBe(1);
      if (seqNum === 2) break;
    }

    expect(source).toMatchObject({ reads: 2, pending: 0, keepAlives: 0 });
    expect(source.pins.size).toBe(0);
  });

  test('eventsIterable stops reading from the store when the body of the loop throws', async () => {
    const source = counted(await storeWith(1), isAsync);
    const loop = async () => {
      for await (const _event of eventsIterable(source.store, trimHorizon())) throw new Error('no');
    };

    await expect(loop()).rejects.toThrow('no');

    expect(source.pins.size).toBe(0);
  });

  test('eventsIterable settles a pending call of next when return is called, and cancels the read', async () => {
    const source = counted(await storeWith(0), isAsync);
    const iterator = iterate(source.store);
    const pending = [iterator.next(), iterator.next()];
    await nextTurn(); // on a busy machine, the read begins in the next turn
    expect(source).toMatchObject({ pending: 1, keepAlives: 1 });

    const returned = iterator.return();

    expect(source).toMatchObject({ pending: 0, keepAlives: 0 });
    expect(source.pins.size).toBe(0);
    expect(await Promise.all([...pending, returned, iterator.next()])).toEqual([END, END, END, END]);
    expect(source.reads).toBe(1);
  });

  test('eventsIterable discards the remaining events of the page after a call of return', async () => {
    const source = counted(await storeWith(3), isAsync);
    const iterator = iterate(source.store);
    await iterator.next();

    await iterator.return();

    expect(await iterator.next()).toEqual(END);
  });

  test('eventsIterable settles concurrent calls of next in order', async () => {
    const source = counted(await storeWith(5), isAsync);
    const iterator = iterate(source.store, trimHorizon(), { batchSize: 2, live: false });

    const results = await Promise.all(Array.from({ length: 7 }, () => iterator.next()));

    expect(results.map(({ value }) => value?.seqNum)).toEqual([1, 2, 3, 4, 5, undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, false, false, true, true]);
  });

  test('eventsIterable keeps the process alive only while a live iteration waits for a read', async () => {
    const source = counted(await storeWith(1), isAsync);
    const iterator = iterate(source.store);
    await iterator.next();
    expect(source.keepAlives).toBe(0);

    const next = iterator.next();
    expect(source.keepAlives).toBe(1);
    await source.store.storeEvents(requests(1));
    await next;

    expect(source.keepAlives).toBe(0);
    const finite = iterate(source.store, afterSequenceNumber(1), { live: false });
    const last = finite.next();
    expect(source.keepAlives).toBe(0);
    await last;
  });

  test('eventsIterable protects the events after the last read page from garbage collection', async () => {
    const source = counted(await storeWith(5), isAsync);
    const iterator = iterate(source.store, trimHorizon(), { batchSize: 2 });
    expect(source.pins.size).toBe(0);

    const positions: (number | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      await iterator.next();
      positions.push([...source.pins][0]?.());
    }

    expect(positions).toEqual([2, 2, 4]);
    await iterator.return();
  });

  test('eventsIterable rejects with the error of a read once, and then is at its end', async () => {
    const failing: EventStore = {
      ...(await storeWith(3)),
      getEvents: (): Observable<never> => throwError(() => new StoreError('the disk is full')),
    };
    const source = counted(failing, isAsync);
    const iterator = iterate(source.store);

    const [first, second] = [iterator.next(), iterator.next()];

    await expect(first).rejects.toThrow(StoreError);
    expect(await second).toEqual(END);
    expect(await iterator.next()).toEqual(END);
    expect(source).toMatchObject({ reads: 1, pending: 0, keepAlives: 0 });
    expect(source.pins.size).toBe(0);
  });

  test('eventsIterable ends when the store is closed during a wait', async () => {
    const source = counted(await storeWith(1), isAsync);
    const iterator = iterate(source.store);
    await iterator.next();
    const next = iterator.next();

    await source.store.close();

    expect(await next).toEqual(END);
    expect(source.pins.size).toBe(0);
  });
});

describe('eventsIterable of a memory store', () => {
  test('eventsIterable yields the events of a store with their TypeScript types', async () => {
    const store = createMemoryStore({ codecs: { Job: z.object({ n: z.number() }) } });
    const [first] = await store.storeEvents([{ operation: 'CREATE', objectType: 'Job', object: { n: 1 } }]);

    for await (const event of eventsIterable(store, trimHorizon(), { live: false })) {
      expectTypeOf(event).toEqualTypeOf<Event<{ n: number }, 'Job'>>();
      expect(event).toEqual(first);
    }
    expect.assertions(1);
  });

  test('eventsIterable starts a separate read for each loop', async () => {
    const store = await storeWith(3);
    const iterable = eventsIterable(store, trimHorizon(), { live: false });

    const [one, other] = await Promise.all([collect(iterable), collect(iterable)]);

    expect(one).toHaveLength(3);
    expect(other).toEqual(one);
  });

  test('eventsIterable yields the events before an event that cannot be decoded, and then fails', async () => {
    let most = 3;
    const store = createMemoryStore({
      codecs: { Job: z.object({ n: z.number().refine((n) => n < most) }) },
      cacheSize: 0,
    }) as unknown as EventStore;
    await store.storeEvents(requests(3));
    most = 2;
    const iterator = iterate(store);

    expect(await seqNumOf(iterator.next())).toBe(1);
    expect(await seqNumOf(iterator.next())).toBe(2);
    const error = await failureOf(iterator.next());

    expect(error).toBeInstanceOf(DeserializationError);
    expect(error).toMatchObject({ seqNum: 3 });
    expect(await iterator.next()).toEqual(END);
  });

  test('eventsIterable fails if the first event of the read was deleted', async () => {
    const store = createMemoryStore({ retention: { maxEvents: 1 } });
    await store.storeEvents(requests(3));
    await store.collectGarbage();

    const error = await failureOf(iterate(store, atSequenceNumber(2)).next());

    expect(error).toBeInstanceOf(SequenceTrimmedError);
    expect(error).toMatchObject({ requested: 2, oldest: 3 });
  });

  test.each([true, false])(
    'eventsIterable fails if the store was closed before the first step (live: %s)',
    async (live) => {
      const store = await storeWith(1);
      const iterator = iterate(store, trimHorizon(), { live });
      await store.close();

      expect(await failureOf(iterator.next())).toBeInstanceOf(StoreClosedError);
    },
  );

  test('eventsIterable yields the remaining events of its page after the store is closed', async () => {
    const store = await storeWith(2);
    const iterator = iterate(store);
    await iterator.next();
    await store.close();

    expect(await seqNumOf(iterator.next())).toBe(2);
    expect(await iterator.next()).toEqual(END);
  });

  test('eventsIterable reads nothing if return is called before the first step', async () => {
    const source = counted(await storeWith(1));
    const iterator = iterate(source.store);

    expect(await iterator.return()).toEqual(END);

    expect(await iterator.next()).toEqual(END);
    expect(source.reads).toBe(0);
    expect(source.pins.size).toBe(0);
  });

  test('eventsIterable ends if return is called during a synchronous read', async () => {
    const store = await storeWith(1);
    const source = counted({
      ...store,
      getEvents(request) {
        void iterator.return();
        return store.getEvents(request);
      },
    });
    const iterator = iterate(source.store);

    expect(await iterator.next()).toEqual(END);

    expect(source).toMatchObject({ pending: 0, keepAlives: 0 });
    expect(source.pins.size).toBe(0);
  });

  test('eventsIterable waits for the next turn of the event loop when its time slice has ended', async () => {
    const { time, source, iterator } = await iterationAfterSlice();

    const next = iterator.next();
    expect(source.reads).toBe(1);
    time.advanceBy(0);

    expect(source.reads).toBe(2);
    expect(await seqNumOf(next)).toBe(2);
    await iterator.return();
  });

  test('eventsIterable reads nothing if return is called while it waits for the next turn of the event loop', async () => {
    const { time, source, iterator } = await iterationAfterSlice();

    const next = iterator.next();
    expect(time.timers).toBe(1);
    await iterator.return();
    expect(time.timers).toBe(0);
    time.advanceBy(10);

    expect(await next).toEqual(END);
    expect(source).toMatchObject({ reads: 1, keepAlives: 0 });
  });

  test('eventsIterable yields to the event loop during a long loop over stored events', async () => {
    const store = await storeWith(3000, asyncScheduler);
    let turns = 0;
    const countTurns = () => {
      turns++;
      immediate = setImmediate(countTurns);
    };
    let immediate = setImmediate(countTurns);

    const events = await collect(eventsIterable(store, trimHorizon(), { live: false, batchSize: 1 }));
    clearImmediate(immediate);

    expect(events).toHaveLength(3000);
    expect(turns).toBeGreaterThan(0);
  });

  test('eventsIterable yields the events of an LMDB store', async () => {
    const store = testStore();
    await store.storeEvents(requests(5));
    const iterator = iterate(store, atSequenceNumber(3), { batchSize: 2 });
    const seqNums = [];
    for (let n = 0; n < 3; n++) seqNums.push(await seqNumOf(iterator.next()));
    const next = iterator.next();
    await store.storeEvents(requests(1));

    expect([...seqNums, await seqNumOf(next)]).toEqual([3, 4, 5, 6]);
    await store.close();
    expect(await iterator.next()).toEqual(END);
  });

  test('eventsIterable yields the same events as store.events', async () => {
    const store = createMemoryStore();
    for (const objectType of ['Job', 'Run', 'Job', 'Node']) await store.storeEvents(requests(3, objectType));
    const from: fc.Arbitrary<EventIterator> = fc.oneof(
      fc.constantFrom(trimHorizon(), latest(), atTimestamp(new Date(0)), atTimestamp(new Date(8.64e15))),
      fc.nat(15).map(atSequenceNumber),
      fc.nat(15).map(afterSequenceNumber),
    );
    const objectTypes = fc.subarray(['Job', 'Run', 'Node', 'None'], { minLength: 1 });
    const filter = fc.option(fc.record({ objectTypes }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(from, filter, fc.integer({ min: 1, max: 14 }), async (iterator, filter, batchSize) => {
        const options = { filter, batchSize, live: false };

        expect(await collect(eventsIterable(store, iterator, options))).toEqual(
          await readAll(store, iterator, options),
        );
      }),
    );
  });

  test.each<[string, unknown, unknown, unknown, readonly string[]]>([
    ['a Promise of a store', Promise.resolve(createMemoryStore()), trimHorizon(), {}, ['store']],
    ['a store without getEvents', {}, trimHorizon(), {}, ['store']],
    ['a number as iterator', createMemoryStore(), 5, {}, ['from']],
    ['a batch size of 0', createMemoryStore(), trimHorizon(), { batchSize: 0 }, ['batchSize']],
    ['a mistyped option', createMemoryStore(), trimHorizon(), { lives: true }, ['lives']],
    ['null as options', createMemoryStore(), trimHorizon(), null, ['']],
    ['two faults', createMemoryStore(), undefined, { live: 'no' }, ['from', 'live']],
  ])('eventsIterable throws for %s during the call', async (_of, store, from, options, paths) => {
    const call = async () =>
      eventsIterable(store as EventStore, from as EventIterator, options as EventsOptions);

    const error = await failureOf(call());

    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(error)).toEqual(paths);
  });
});
