import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../src/handling/handler.ts';
import type { DeadLetterRequest } from '../../src/store/dead-letter.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../watcher/delivery/fill.ts';
import { asMarbles, withStore } from '../watcher/delivery/virtual-store.ts';

const deadLetter = { initialBackoff: 2, maxBackoff: 3, retryStrategy: 'deadLetter' } as const;

/** The same store, and the letters that it is asked to keep. */
function noting(store: EventStore) {
  const kept: [DeadLetterRequest, number | undefined][] = [];
  const storeDeadLetter: EventStore['storeDeadLetter'] = (letter, checkpoint) => {
    kept.push([letter, checkpoint]);
    return store.storeDeadLetter(letter, checkpoint);
  };
  return { kept, keeping: { ...store, storeDeadLetter } };
}

describe('the strategy deadLetter', () => {
  it(
    'tries again up to maxRetries, then has the event kept, and the next has its turn',
    withStore(({ store, cold, expectObservable, expectSubscriptions, flush }) => {
      fill(store, 'Job', 'Job');
      const { kept, keeping } = noting(store);
      const attempt = cold('-#           ', {}, 'no');
      const subs = [
        '                   ^!           ',
        '                   ---^!        ',
        '                   -------^!    ',
        '                   --------^!   ',
        '                   -----------^!',
        '                   ---------------^!',
      ];
      const expected = '    --------a-------b';
      const watched = watch(keeping, 'w', { ...deadLetter, maxRetries: 2, handler: () => attempt });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
      flush();
      const common = { watcherId: 'w', errors: [{ name: 'string', message: 'no' }], attempts: 3 };
      expect(kept).toEqual([
        [{ ...common, seqNum: 1, firstTime: new Date(0), lastTime: new Date(8) }, 1],
        [{ ...common, seqNum: 2, firstTime: new Date(8), lastTime: new Date(16) }, 2],
      ]);
    }),
  );

  it(
    'does not try again what is not worth it, nor with maxRetries 0',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const { keeping } = noting(store);
      const attempt = cold('--#', {}, 'no');
      const subs = ['       ^-!', '--^-!'];
      const handler = () => attempt;
      const once = watch(keeping, 'w', { ...deadLetter, maxRetries: 0, handler });
      const hopeless = watch(keeping, 'v', { ...deadLetter, retryIf: () => false, handler });

      expectObservable(once.pipe(asMarbles)).toBe('--a-b');
      expectObservable(hopeless.pipe(asMarbles)).toBe('--a-b');
      expectSubscriptions(attempt.subscriptions).toBe(subs.flatMap((sub) => [sub, sub]));
    }),
  );

  it(
    'keeps nothing of an event that was handled in the end',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      const { kept, keeping } = noting(store);
      const handler: EventHandler = (_event, { attempt }) => cold(attempt === 3 ? '|' : '#');

      expectObservable(watch(keeping, 'w', { ...deadLetter, handler }).pipe(asMarbles)).toBe('-----1');
      flush();
      expect(kept).toEqual([]);
    }),
  );

  it(
    'counts an attempt that takes too long as a failed one',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      const { kept, keeping } = noting(store);
      const options = { ...deadLetter, maxRetries: 1, handlerTimeout: 3, handler: () => cold('-') };

      expectObservable(watch(keeping, 'w', options).pipe(asMarbles)).toBe('--------a');
      flush();
      expect(kept[0]?.[0]).toMatchObject({
        attempts: 2,
        errors: [{ name: 'TimeoutError', code: 'ERR_TIMEOUT' }],
      });
    }),
  );

  it(
    'tells that the store keeps it',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job');
      const { keeping } = noting(store);
      const options = { ...deadLetter, maxRetries: 0, handler: () => cold('#') };

      expectObservable(watch(keeping, 'w', options)).toBe('a', {
        a: expect.objectContaining({ status: 'skipped', seqNum: 1, attempts: 1, deadLettered: true }),
      });
    }),
  );
});
