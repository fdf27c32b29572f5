import { type EventStore, StoreError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { assertMarbles, event, faultyStore, playRequests, request } from 'rx-watcher/testing';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { fold, type Moved, type Stock, stockOf } from './stock.ts';

const moved = (article: string, pieces: number) =>
  request({ objectType: 'Moved', object: { article, pieces } } as const);

const log = { a: moved('pen', 10), b: moved('ink', 3), c: moved('pen', -4) };

const show = ({ seqNum, pieces }: Stock) => `${seqNum}: ${JSON.stringify(Object.fromEntries(pieces))}`;

const stocks = {
  0: '0: {}',
  1: '1: {"pen":10}',
  2: '2: {"pen":10,"ink":3}',
  3: '3: {"pen":6,"ink":3}',
};

describe('the stock', () => {
  let scheduler: TestScheduler;
  let store: EventStore<Moved>;
  beforeEach(() => {
    scheduler = new TestScheduler(assertMarbles);
    store = createMemoryStore({ scheduler });
  });

  it('the stock counts an event once if the event is delivered twice', () => {
    const once = fold({ seqNum: 0, pieces: new Map() }, event({ seqNum: 1, ...log.a }));

    expect(fold(once, event({ seqNum: 1, ...log.a }))).toBe(once);
    expect(once.pieces).toEqual(new Map([['pen', 10]]));
  });

  it('a subscriber of the stock receives the empty stock immediately, and a new stock after each event', () => {
    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, store, ' --a-bc', log);
      const expected = '               0-1-23';

      expectObservable(stockOf(store).pipe(map(show))).toBe(expected, stocks);
    });
  });

  it('a late subscriber of the stock receives the same states', () => {
    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, store, ' abc----', log);
      const subscribed = '             -----^-';
      const expected = '               -----(0123)';

      expectObservable(stockOf(store).pipe(map(show)), subscribed).toBe(expected, stocks);
    });
  });

  it('the stock counts each event once if a read fails and starts again from the first event', () => {
    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, store, '(ab)---c', log);
      const failing = faultyStore(store, [
        {
          method: 'events',
          calls: 1,
          seqNum: 3,
          error: new StoreError('cannot read the log: the disk does not respond'),
        },
      ]);
      const subscribed = '            -^------';
      const expected = '              -(012)- 1s 3';

      expectObservable(stockOf(failing).pipe(map(show)), subscribed).toBe(expected, stocks);
    });
  });

  it('the stock continues from a saved state', () => {
    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, store, ' abc', log);
      const pieces = new Map(Object.entries({ pen: 10, ink: 3 }));
      const subscribed = '             ---^---';
      const expected = '               ---(23)';

      expectObservable(stockOf(store, { seqNum: 2, pieces }).pipe(map(show)), subscribed).toBe(
        expected,
        stocks,
      );
    });
  });
});
