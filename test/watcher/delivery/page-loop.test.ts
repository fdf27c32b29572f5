import { EMPTY, of, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { afterSequenceNumber, type EventIterator } from '../../../src/event/event-iterator.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

/** Returns a view of the store that counts its reads and the events of their pages. */
function counting(store: EventStore) {
  const count = { returned: 0, reads: 0 };
  const counted: EventStore = {
    ...store,
    getEvents: (request) =>
      store.getEvents(request).pipe(
        tap(({ events }) => {
          count.returned += events.length;
          count.reads++;
        }),
      ),
  };
  return { counted, count };
}

describe('the page loop of a watcher', () => {
  it.each([
    { bufferSize: 3, batchSize: 100, ahead: 3 },
    { bufferSize: 1000, batchSize: 4, ahead: 4 },
    { bufferSize: 1, batchSize: 1, ahead: 1 },
    { bufferSize: 7, batchSize: 5, ahead: 5 },
    { bufferSize: 1000, batchSize: 1000, ahead: 20 },
  ])(
    'a watcher reads at most $ahead events ahead of a slow handler with bufferSize $bufferSize and batchSize $batchSize',
    ({ bufferSize, batchSize, ahead }) => {
      withStore(({ store, cold, flush }) => {
        fillUp(store, 20);
        const { counted, count } = counting(store);
        const readAhead: number[] = [];
        let handled = 0;
        const handler = () => {
          readAhead.push(count.returned - handled);
          return cold('--|');
        };
        watch(counted, 'w', { handler, bufferSize, batchSize }).subscribe(() => handled++);
        flush();
        expect(handled).toBe(20);
        expect(Math.max(...readAhead)).toBe(ahead);
      })();
    },
  );

  it(
    'a watcher reads the next page only after the current page is handled',
    withStore(({ store, cold, expectObservable, flush, scheduler }) => {
      fillUp(store, 5);
      const { counted } = counting(store);
      const reads: number[] = [];
      const recording: EventStore = {
        ...counted,
        getEvents: (request) => {
          reads.push(scheduler.now());
          return counted.getEvents(request);
        },
      };
      const watched = watch(recording, 'w', { handler: () => cold('--|'), bufferSize: 2 });

      expectObservable(watched.pipe(asMarbles)).toBe('--1-2-3-4-5');
      flush();
      expect(reads).toEqual([0, 4, 8, 10]);
    }),
  );

  it(
    'a watcher scans at most batchSize excluded events in each read',
    withStore(({ store, flush }) => {
      fill(store, ...Array.from({ length: 10 }, () => 'Run'));
      const positions: EventIterator[] = [];
      const recording: EventStore = {
        ...store,
        getEvents: (request) =>
          store.getEvents(request).pipe(tap(({ nextEventIterator }) => positions.push(nextEventIterator))),
      };
      const options = { handler: () => EMPTY, filter: { objectTypes: ['Job'] }, batchSize: 4 };
      watch(recording, 'w', options).subscribe();
      flush();
      expect(positions).toEqual([4, 8, 10].map(afterSequenceNumber));
    }),
  );

  it(
    'a watcher handles 30,000 stored events without recursion',
    withStore(({ store, flush }) => {
      fillUp(store, 30_000);
      const last = { seqNum: 0, outcomes: 0 };
      watch(store, 'w', { handler: () => of(1) }).subscribe(({ seqNum }) => {
        last.seqNum = seqNum;
        last.outcomes++;
      });
      flush();
      expect(last).toEqual({ seqNum: 30_000, outcomes: 30_000 });
    }),
  );
});
