import { latest, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import {
  assertMarbles,
  contentsOf,
  faultyStore,
  formatEvent,
  playRequests,
  request,
  type StoreFault,
} from 'rx-watcher/testing';
import { map } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { note } from '../../src/testing/conformance/support/note.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';

const NO = new Error('no');

/** Creates a test in virtual time for a store with two events and with faults. */
const faulty =
  (faults: readonly StoreFault[], test: (helpers: RunHelpers & ReturnType<typeof setUp>) => void) =>
  (): void => {
    const setup = setUp(faults);
    setup.scheduler.run((helpers) => test({ ...helpers, ...setup }));
  };
function setUp(faults: readonly StoreFault[]) {
  const scheduler = new TestScheduler(assertMarbles);
  const original = createMemoryStore({ scheduler });
  void original.storeEvents([request(), request()]);
  return { scheduler, original, store: faultyStore(original, faults) };
}
const [a, b] = ['1 CREATE Thing {}', '2 CREATE Thing {}'];
const texts = { a, b };

describe('a delay of faultyStore in virtual time', () => {
  it(
    'the delay of a fault delays the values of a read',
    faulty([{ method: 'events', delay: 3 }], ({ store, expectObservable }) => {
      const events$ = store.events(trimHorizon(), { live: false }).pipe(map(formatEvent));

      expectObservable(events$).toBe('---(ab|)', texts);
      expectObservable(events$, '--^').toBe('-----(ab|)', texts);
    }),
  );

  it(
    'the delay of a fault delays a failure',
    faulty([{ method: 'getLatestSeqNum', delay: 3, calls: 1, error: NO }], ({ store, expectObservable }) => {
      expectObservable(store.getLatestSeqNum()).toBe('---#', {}, NO);
      expectObservable(store.getLatestSeqNum()).toBe('(2|)', { 2: 2 });
    }),
  );

  it(
    'the delay of a fault delays a read from latest(), which then begins at the end that the log has after the delay',
    faulty([{ method: 'events', delay: 3 }], ({ scheduler, original, store, expectObservable }) => {
      playRequests(scheduler, original, '-x---x', { x: request() });

      expectObservable(store.events(latest()).pipe(map(({ seqNum }) => seqNum))).toBe('-----n', { n: 4 });
    }),
  );

  it(
    'the delay of a fault delays the event with the number seqNum, or the page that begins with that event',
    faulty(
      [
        { method: 'events', seqNum: 2, delay: 4 },
        { method: 'getEvents', seqNum: 1, delay: 2 },
      ],
      ({ store, expectObservable }) => {
        expectObservable(store.events(trimHorizon(), { live: false }).pipe(map(formatEvent))).toBe(
          'a---(b|)',
          texts,
        );
        expectObservable(
          store.getEvents({ iterator: trimHorizon() }).pipe(map(({ events }) => events.length)),
        ).toBe('--(n|)', { n: 2 });
      },
    ),
  );

  it(
    'the delays of two faults are added: one at the start of a read, and one before the read fails at an event',
    faulty(
      [
        { method: 'events', seqNum: 2, delay: 1, error: NO },
        { method: 'events', delay: 3 },
      ],
      ({ store, expectObservable }) => {
        expectObservable(store.events(trimHorizon()).pipe(map(formatEvent))).toBe('---a#', texts, NO);
      },
    ),
  );

  it(
    'the delay of a fault delays the effect of a write',
    faulty(
      [{ method: 'storeEvent', delay: 3, calls: 1 }],
      ({ scheduler, original, store, expectObservable }) => {
        playRequests(scheduler, store, '-xy', { x: request({ objectType: 'Slow' }), y: request() });

        const seen$ = original.events(latest()).pipe(map(formatEvent));
        expectObservable(seen$).toBe('--y-x', { y: '3 CREATE Thing {}', x: '4 CREATE Slow {}' });
      },
    ),
  );

  it(
    'the delay of a fault ends when the subscriber unsubscribes',
    faulty([{ method: 'events', delay: 1000 }], ({ scheduler, store, expectObservable, flush }) => {
      expectObservable(store.events(trimHorizon()), '-^--!').toBe('-');
      flush();

      expect(scheduler.now()).toBe(4);
    }),
  );

  it(
    'a fault of a faulty store takes no time if its delay is 0 or omitted',
    faulty(
      [{ method: 'storeEvent' }, { method: 'events', delay: 0 }],
      ({ store, original, expectObservable }) => {
        void store.storeEvent(request());

        expectObservable(contentsOf(original)).toBe('(abc|)', { ...texts, c: '3 CREATE Thing {}' });
        expectObservable(contentsOf(store)).toBe('(abc|)', { ...texts, c: '3 CREATE Thing {}' });
      },
    ),
  );
});

describe('a write to the store that faultyStore returns', () => {
  it('a write to a faulty store stores the object as it is at the time of the call if that call has no fault', async () => {
    const store = faultyStore(createMemoryStore(), [{ method: 'storeEvent', calls: 2, error: NO }]);
    const original = request({ object: { n: 1 } });

    const stored = store.storeEvent(original);
    original.object.n = 2;

    expect((await stored).object).toEqual({ n: 1 });
  });

  it('a write to a faulty store settles its Promise after the delay of the fault', async () => {
    const clock = new VirtualClock();
    const store = faultyStore(createMemoryStore({ scheduler: clock }), [
      { method: 'storeEvents', delay: 5 },
      { method: 'storeCheckpoint', delay: 7, error: NO },
    ]);
    const [stored, rejected] = [store.storeEvents([request()]), store.storeCheckpoint('w', 1)];

    clock.advanceBy(4);
    expect(await readAll(store)).toEqual([]);
    clock.advanceBy(3);

    expect(await Promise.allSettled([stored, rejected])).toMatchObject([
      { status: 'fulfilled', value: [{ seqNum: 1 }] },
      { status: 'rejected', reason: NO },
    ]);
    expect(clock.timers).toBe(0);
  });

  it('a write to a faulty store rejects its Promise after the delay if the original store rejects the write', async () => {
    const clock = new VirtualClock();
    const store = faultyStore(createMemoryStore({ scheduler: clock }), [{ method: 'storeEvent', delay: 5 }]);
    const rejected = store.storeEvent(request({ objectType: '' }));

    clock.advanceBy(5);

    await expect(rejected).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  });

  it('a write to a faulty store wakes a waiting read after the delay of the fault', () => {
    const clock = new VirtualClock();
    const store = faultyStore(createMemoryStore({ scheduler: clock }), [{ method: 'storeEvent', delay: 5 }]);
    const events = note(store.events(latest()).pipe(map(formatEvent)));
    void store.storeEvent(request());

    clock.advanceBy(4);
    expect(events.values).toEqual([]);
    clock.advanceBy(1);
    expect(events.values).toEqual([a]);
  });
});
