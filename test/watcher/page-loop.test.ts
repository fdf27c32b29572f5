import { EMPTY, of, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../src/store/event-store.ts';
import { watch } from '../../src/watcher/watch.ts';
import { inVirtualTime } from '../flow/virtual-time.ts';
import { fill, fillUp } from './fill.ts';
import { readCountingStore } from './log-stores.ts';
import { asMarbles, withStore } from './virtual-store.ts';

/** The same store, and how many events it has given away so far. */
function counting(store: EventStore) {
  const count = { given: 0, reads: 0 };
  const counted: EventStore = {
    ...store,
    getEvents: (request) =>
      store.getEvents(request).pipe(
        tap(({ events }) => {
          count.given += events.length;
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
    'reads no more than $ahead events ahead of a slow handler, with $bufferSize and $batchSize',
    ({ bufferSize, batchSize, ahead }) => {
      withStore(({ store, cold, flush }) => {
        fillUp(store, 20);
        const { counted, count } = counting(store);
        const readAhead: number[] = [];
        let done = 0;
        const handler = () => {
          readAhead.push(count.given - done);
          return cold('--|');
        };
        watch(counted, 'w', { handler, bufferSize, batchSize }).subscribe(() => done++);
        flush();
        expect(done).toBe(20);
        expect(Math.max(...readAhead)).toBe(ahead);
      })();
    },
  );

  it(
    'reads on only when the page is handled',
    withStore(({ store, cold, expectObservable, flush, scheduler }) => {
      fillUp(store, 5);
      const { counted } = counting(store);
      const reads: number[] = [];
      const noting: EventStore = {
        ...counted,
        getEvents: (request) => {
          reads.push(scheduler.now());
          return counted.getEvents(request);
        },
      };
      const watched = watch(noting, 'w', { handler: () => cold('--|'), bufferSize: 2 });

      expectObservable(watched.pipe(asMarbles)).toBe('--1-2-3-4-5');
      flush();
      expect(reads).toEqual([0, 4, 8, 10]);
    }),
  );

  it(
    'reads nothing more, and calls nobody, after an unsubscription in the middle of a page',
    inVirtualTime(({ cold, hot, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const { store, count } = readCountingStore(scheduler);
      fillUp(store, 5);
      hot('                 ------------x').subscribe(() => fill(store, 'Job'));
      const handled = cold('--|          ');
      const subs = ['       ^-!          ', '--^-!'];
      const expected = '    --1-(2|)     ';
      const watched = watch(store, 'w', { handler: () => handled, batchSize: 3 });

      expectObservable(watched.pipe(take(2), asMarbles)).toBe(expected);
      expectSubscriptions(handled.subscriptions).toBe(subs);
      flush();
      expect(count.reads).toBe(1);
    }),
  );

  it(
    'reads nothing more after an unsubscription from inside a synchronous page',
    inVirtualTime(({ expectObservable, flush, scheduler }) => {
      const { store, count } = readCountingStore(scheduler);
      fillUp(store, 5);
      const handed: number[] = [];
      const handler = ({ seqNum }: { seqNum: number }) => {
        handed.push(seqNum);
      };
      const watched = watch(store, 'w', { handler, batchSize: 2 }).pipe(take(3), asMarbles);

      expectObservable(watched).toBe('(123|)');
      flush();
      expect({ handed, reads: count.reads }).toEqual({ handed: [1, 2, 3], reads: 2 });
    }),
  );

  it(
    'reads nothing more after an unsubscription at the tail',
    inVirtualTime(({ hot, expectObservable, flush, scheduler }) => {
      const { store, count } = readCountingStore(scheduler);
      fill(store, 'Job');
      const readsSoFar: number[] = [];
      hot('---x-x').subscribe(() => {
        readsSoFar.push(count.reads);
        fill(store, 'Job');
      });

      expectObservable(watch(store, 'w', { handler: () => EMPTY }).pipe(asMarbles), '^-!').toBe('1');
      flush();
      expect(new Set([...readsSoFar, count.reads]).size).toBe(1);
    }),
  );

  it(
    'handles thirty thousand events that are there already, without a stack',
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
