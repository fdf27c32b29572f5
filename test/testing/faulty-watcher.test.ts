import { createManager, DeserializationError, type Outcome, StoreError, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import {
  assertMarbles,
  faultyStore,
  formatOutcome,
  playRequests,
  request,
  type StoreFault,
  withCheckpoints,
} from 'rx-watcher/testing';
import { EMPTY, map, type Observable } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { nextTurn } from '../support/next-turn.ts';

const handler = () => EMPTY;
const diskFull = new StoreError('disk full');
const undecodable: StoreFault = {
  method: 'getEvents',
  seqNum: 3,
  error: () => new DeserializationError([], { seqNum: 3 }),
};

/** Creates a test in virtual time for a store with four events and with faults. */
const faulty =
  (
    faults: readonly StoreFault[],
    test: (
      helpers: RunHelpers & { scheduler: TestScheduler; store: ReturnType<typeof createMemoryStore> },
    ) => void,
  ) =>
  (): void => {
    const scheduler = new TestScheduler(assertMarbles);
    const store = createMemoryStore({ scheduler });
    void store.storeEvents([request(), request(), request(), request()]);
    scheduler.run((helpers) => test({ ...helpers, scheduler, store: faultyStore(store, faults) }));
  };
const shown = (outcomes$: Observable<Outcome>) => outcomes$.pipe(map(formatOutcome));
const all = {
  a: 'handled 1',
  b: 'handled 2',
  c: 'handled 3',
  d: 'handled 4',
  e: 'handled 5',
  s: 'skipped 3',
};

describe('a watcher on the store that faultyStore returns', () => {
  it(
    'a watcher on a faulty store retries reads that fail',
    faulty([{ method: 'getEvents', calls: [1, 2], error: diskFull }], ({ store, expectObservable }) => {
      expectObservable(shown(watch(store, 'w', { handler, initialBackoff: 1 }))).toBe('---(abcd)', all);
    }),
  );

  it(
    'a watcher on a faulty store waits for reads that are delayed',
    faulty([{ method: 'getEvents', delay: 5 }], ({ scheduler, store, expectObservable }) => {
      playRequests(scheduler, store, '         ------------e', { e: request() });

      expectObservable(shown(watch(store, 'w', { handler }))).toBe('-----(abcd)-e', all);
    }),
  );

  it(
    'a watcher on a faulty store skips only an event that cannot be decoded, even if reads are slow',
    faulty([undecodable, { method: 'getEvents', delay: 5 }], ({ store, expectObservable }) => {
      const options = { handler, retryStrategy: 'skip', maxRetries: 0 } as const;

      // There are three pages: events 1 and 2, the failing read of event 3, and event 4. Each page takes 5 ms.
      expectObservable(shown(watch(store, 'w', options))).toBe('5ms (ab)-s----d', all);
    }),
  );

  it(
    'a watcher with retryStrategy block retries an event that cannot be decoded until the event can be decoded',
    faulty([{ ...undecodable, calls: (call) => call < 4 }], ({ store, expectObservable }) => {
      expectObservable(shown(watch(store, 'w', { handler, initialBackoff: 5 }))).toBe(
        '(ab)-----------(cd)',
        all,
      );
    }),
  );

  it(
    'a watcher retries the read of its checkpoint at the start if that read fails',
    faulty(
      [{ method: 'getCheckpoint', calls: 1, delay: 2, error: diskFull }],
      ({ store, expectObservable }) => {
        expectObservable(shown(watch(store, 'w', { handler, initialBackoff: 1 }))).toBe('---(abcd)', all);
      },
    ),
  );

  it('a watcher retries the write of its checkpoint after the backoff if that write fails', async () => {
    const clock = new VirtualClock();
    const original = createMemoryStore({ scheduler: clock });
    const { store, checkpoints$ } = withCheckpoints(
      faultyStore(original, [{ method: 'storeCheckpoint', calls: 1, error: diskFull }]),
    );
    const written: string[] = [];
    checkpoints$.subscribe(({ seqNum }) => written.push(`${seqNum} at ${clock.now()}`));
    const watcher = createManager(store).create('w', { handler, initialBackoff: 10 });

    void store.storeEvent(request());
    watcher.start();
    await nextTurn();
    expect(watcher.stats()).toMatchObject({ lastError: diskFull, lag: 1 });
    clock.advanceBy(10);
    await nextTurn();

    expect(written).toEqual(['0 at 0', '0 at 10', '1 at 10']);
    expect(watcher.stats()).toMatchObject({ lag: 0 });
  });
});
