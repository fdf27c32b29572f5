import { type Observable, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../src/errors.ts';
import type { EventHandler } from '../../src/handling/handler.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../watcher/delivery/fill.ts';
import { asMarbles, withStore } from '../watcher/delivery/virtual-store.ts';

const busyOnly = { initialBackoff: 2, maxBackoff: 2, retryIf: (error: unknown) => error === 'busy' } as const;

/** Makes these attempts at each event, one after another. */
const attempting =
  (...attempts: readonly Observable<never>[]): EventHandler =>
  (_event, { attempt }) =>
    attempts[attempt - 1];

describe('an error that is not worth a retry', () => {
  it(
    'gives the event up at once under skip, and the next has its turn',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('-#   ', {}, 'broken');
      const subs = ['       ^!   ', '-^!  '];
      const expected = '    -ab  ';
      const watched = watch(store, 'w', { ...busyOnly, retryStrategy: 'skip', handler: () => attempt });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'ends the retries of the others',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      const busy = cold<never>('  -#      ', {}, 'busy');
      const broken = cold<never>('-#      ', {}, 'broken');
      const busySubs = ['         ^!      ', '---^!   '];
      const brokenSubs = '        ------^!';
      const expected = '          -------#';
      const handler = attempting(busy, busy, broken);
      const watched = watch(store, 'w', { ...busyOnly, retryStrategy: 'stop', handler });

      expectObservable(watched).toBe(expected, undefined, new EventHandlingError('w', 1, 3, 'broken'));
      expectSubscriptions(busy.subscriptions).toBe(busySubs);
      expectSubscriptions(broken.subscriptions).toBe(brokenSubs);
    }),
  );

  it(
    'fails a watcher that blocks: to wait would not mend it',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('-#', {}, 'broken');
      const watched = watch(store, 'w', { ...busyOnly, handler: () => attempt });

      expectObservable(watched).toBe('-#', undefined, new EventHandlingError('w', 1, 1, 'broken'));
      expectSubscriptions(attempt.subscriptions).toBe('^!');
    }),
  );

  it(
    'is told by what the handler failed with, once for each failure',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      const errors: unknown[] = [];
      const retryIf = (error: unknown) => errors.push(error) > 0;
      const handler: EventHandler = (_event, { attempt }) => cold('#', {}, `failure ${attempt}`);
      const watched = watch(store, 'w', {
        ...busyOnly,
        retryIf,
        maxRetries: 2,
        retryStrategy: 'skip',
        handler,
      });

      expectObservable(watched.pipe(asMarbles)).toBe('----a');
      flush();
      expect(errors).toEqual(['failure 1', 'failure 2']);
    }),
  );

  it(
    'is not asked about a failure behind which there is no retry anyway',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job');
      const retryIf = () => {
        throw new Error('nobody asked');
      };
      const watched = watch(store, 'w', {
        retryIf,
        maxRetries: 0,
        retryStrategy: 'skip',
        handler: () => cold('#'),
      });

      expectObservable(watched.pipe(asMarbles)).toBe('a');
    }),
  );

  it(
    'is worth a retry if retryIf throws: a watcher that blocks tries again',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const retryIf = () => {
        throw new Error('a bug');
      };
      const handler = attempting(cold('-#'), cold('|'));
      const watched = watch(store, 'w', { retryIf, handler, initialBackoff: 2 });

      expectObservable(watched.pipe(take(1), asMarbles)).toBe('---(1|)');
    }),
  );
});
