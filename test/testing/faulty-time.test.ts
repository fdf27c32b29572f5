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
import { VirtualClock } from '../scheduling/virtual-clock.ts';

const NO = new Error('no');

/** A test in virtual time of a store that holds two events and has faults. */
const faulty =
  (faults: readonly StoreFault[], test: (helpers: RunHelpers & ReturnType<typeof setUp>) => void) =>
  (): void => {
    const all = setUp(faults);
    all.scheduler.run((helpers) => test({ ...helpers, ...all }));
  };
function setUp(faults: readonly StoreFault[]) {
  const scheduler = new TestScheduler(assertMarbles);
  const sound = createMemoryStore({ scheduler });
  void sound.storeEvents([request(), request()]);
  return { scheduler, sound, store: faultyStore(sound, faults) };
}
const [a, b] = ['1 CREATE Thing {}', '2 CREATE Thing {}'];
const texts = { a, b };

describe('a delay in virtual time', () => {
  it(
    'comes before what a read gives',
    faulty([{ method: 'events', delay: 3 }], ({ store, expectObservable }) => {
      const events$ = store.events(trimHorizon(), { live: false }).pipe(map(formatEvent));

      expectObservable(events$).toBe('---(ab|)', texts);
      expectObservable(events$, '--^').toBe('-----(ab|)', texts);
    }),
  );

  it(
    'comes before a failure',
    faulty([{ method: 'getLatestSeqNum', delay: 3, calls: 1, error: NO }], ({ store, expectObservable }) => {
      expectObservable(store.getLatestSeqNum()).toBe('---#', {}, NO);
      expectObservable(store.getLatestSeqNum()).toBe('(2|)', { 2: 2 });
    }),
  );

  it(
    'leaves the read where it is: latest is found when the delay is over',
    faulty([{ method: 'events', delay: 3 }], ({ scheduler, sound, store, expectObservable }) => {
      playRequests(scheduler, sound, '-x---x', { x: request() });

      expectObservable(store.events(latest()).pipe(map(({ seqNum }) => seqNum))).toBe('-----n', { n: 4 });
    }),
  );

  it(
    'comes before the event that it is at, and the page that begins with it',
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
    'of a call and a failure at an event both come',
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
    'comes before what a write does, which is then done at that moment',
    faulty(
      [{ method: 'storeEvent', delay: 3, calls: 1 }],
      ({ scheduler, sound, store, expectObservable }) => {
        playRequests(scheduler, store, '-xy', { x: request({ objectType: 'Slow' }), y: request() });

        const seen$ = sound.events(latest()).pipe(map(formatEvent));
        expectObservable(seen$).toBe('--y-x', { y: '3 CREATE Thing {}', x: '4 CREATE Slow {}' });
      },
    ),
  );

  it(
    'is over at once for who unsubscribes, and keeps no timer',
    faulty([{ method: 'events', delay: 1000 }], ({ scheduler, store, expectObservable, flush }) => {
      expectObservable(store.events(trimHorizon()), '-^--!').toBe('-');
      flush();

      expect(scheduler.now()).toBe(4);
    }),
  );

  it(
    'of nothing takes no time, in a read and in a write',
    faulty(
      [{ method: 'storeEvent' }, { method: 'events', delay: 0 }],
      ({ store, sound, expectObservable }) => {
        void store.storeEvent(request());

        expectObservable(contentsOf(sound)).toBe('(abc|)', { ...texts, c: '3 CREATE Thing {}' });
        expectObservable(contentsOf(store)).toBe('(abc|)', { ...texts, c: '3 CREATE Thing {}' });
      },
    ),
  );
});

describe('a write', () => {
  it('is captured at the call where nothing goes wrong', async () => {
    const store = faultyStore(createMemoryStore(), [{ method: 'storeEvent', calls: 2, error: NO }]);
    const mine = request({ object: { n: 1 } });

    const stored = store.storeEvent(mine);
    mine.object.n = 2;

    expect((await stored).object).toEqual({ n: 1 });
  });

  it('is kept or broken as a Promise when its delay is over', async () => {
    const clock = new VirtualClock();
    const store = faultyStore(createMemoryStore({ scheduler: clock }), [
      { method: 'storeEvents', delay: 5 },
      { method: 'storeCheckpoint', delay: 7, error: NO },
    ]);
    const [stored, refused] = [store.storeEvents([request()]), store.storeCheckpoint('w', 1)];

    clock.advanceBy(4);
    expect(await readAll(store)).toEqual([]);
    clock.advanceBy(3);

    expect(await Promise.allSettled([stored, refused])).toMatchObject([
      { status: 'fulfilled', value: [{ seqNum: 1 }] },
      { status: 'rejected', reason: NO },
    ]);
    expect(clock.timers).toBe(0);
  });

  it('that a store refuses after a delay is refused', async () => {
    const clock = new VirtualClock();
    const store = faultyStore(createMemoryStore({ scheduler: clock }), [{ method: 'storeEvent', delay: 5 }]);
    const refused = store.storeEvent(request({ objectType: '' }));

    clock.advanceBy(5);

    await expect(refused).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  });

  it('is done when the delay is over for a read that waits for it', () => {
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
