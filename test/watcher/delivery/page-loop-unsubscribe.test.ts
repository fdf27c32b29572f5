import { EMPTY, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { inVirtualTime } from '../../support/virtual-time.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { readCountingStore } from '../../support/watcher/log-stores.ts';
import { asMarbles } from '../../support/watcher/virtual-store.ts';

describe('a watcher after its subscriber has unsubscribed', () => {
  it(
    'a watcher neither reads a page nor calls its handler after an unsubscription in the middle of a page',
    inVirtualTime(({ cold, hot, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const { store, count } = readCountingStore(scheduler);
      fillUp(store, 5);
      void store.storeCheckpoint('w', 0);
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
    'a watcher reads no page after an unsubscription during a synchronous delivery',
    inVirtualTime(({ expectObservable, flush, scheduler }) => {
      const { store, count } = readCountingStore(scheduler);
      fillUp(store, 5);
      void store.storeCheckpoint('w', 0);
      const delivered: number[] = [];
      const handler = ({ seqNum }: { seqNum: number }) => {
        delivered.push(seqNum);
      };
      const watched = watch(store, 'w', { handler, batchSize: 2 }).pipe(take(3), asMarbles);

      expectObservable(watched).toBe('(123|)');
      flush();
      expect({ delivered, reads: count.reads }).toEqual({ delivered: [1, 2, 3], reads: 2 });
    }),
  );

  it(
    'a watcher reads no page after an unsubscription at the end of the log',
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
});
