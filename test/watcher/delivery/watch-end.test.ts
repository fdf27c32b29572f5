import { EMPTY, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

const closeAt = (store: EventStore, trigger$: Observable<unknown>) =>
  trigger$.subscribe(() => void store.close());

describe('the Observable that watch returns', () => {
  it(
    'watch completes when the store closes while the watcher waits for events',
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job');
      closeAt(store, hot('-----x'));
      const expected = '  1----|';

      expectObservable(watch(store, 'w', { handler: () => EMPTY }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'watch completes immediately if the store is already closed',
    withStore(({ store, expectObservable }) => {
      void store.close();
      expectObservable(watch(store, 'w', { handler: () => EMPTY })).toBe('|');
    }),
  );

  it(
    'watch completes after the attempt in flight when the store closes, and no other event is delivered',
    withStore(({ store, cold, hot, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job', 'Job');
      closeAt(store, hot('  --x'));
      const handled = cold('----|      ');
      const subs = '        ^---!      ';
      const expected = '    ----(1|)';
      const options = { handler: () => handled, ephemeral: true };

      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe(expected);
      expectSubscriptions(handled.subscriptions).toBe(subs);
    }),
  );

  it(
    'watch completes when the store closes during the backoff of an event',
    withStore(({ store, cold, hot, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      closeAt(store, hot('  ----x'));
      const attempt = cold('-#     ');
      const subs = '        ^!     ';
      const expected = '    ----|  ';
      const unsub = '       ^ 10s !';
      const options = { handler: () => attempt, initialBackoff: 6, ephemeral: true };

      expectObservable(watch(store, 'w', options), unsub).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'watch does not complete while the store is open',
    withStore(({ store, hot, expectObservable }) => {
      hot('             --x--').subscribe(() => fill(store, 'Job'));
      const expected = '--1--';

      expectObservable(watch(store, 'w', { handler: () => EMPTY }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'watch leaves no timer after an unsubscription during a backoff or at the tail',
    withStore(({ store, cold, expectObservable, flush, scheduler }) => {
      fill(store, 'Job');
      const handler = () => cold('-#');

      expectObservable(watch(store, 'backing off', { handler }), '^--!').toBe('-');
      expectObservable(watch(store, 'idle', { handler: () => EMPTY }).pipe(asMarbles), '^--!').toBe('1');
      flush();
      expect(scheduler.now()).toBe(3);
      expect(scheduler.actions).toEqual([]);
    }),
  );

  it('watch needs no timer while the watcher waits for events', () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ scheduler: clock });
    fill(store, 'Job');
    const seen: number[] = [];
    watch(store, 'w', { handler: () => EMPTY }).subscribe(({ seqNum }) => seen.push(seqNum));
    expect({ seen, timers: clock.timers }).toEqual({ seen: [1], timers: 0 });
    fill(store, 'Job');
    expect({ seen, timers: clock.timers }).toEqual({ seen: [1, 2], timers: 0 });
  });
});
