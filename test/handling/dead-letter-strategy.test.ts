import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../src/handling/handler.ts';
import type { DeadLetterRequest } from '../../src/store/dead-letter.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../support/watcher/fill.ts';
import { asMarbles, withStore } from '../support/watcher/virtual-store.ts';

const deadLetter = { initialBackoff: 2, maxBackoff: 3, retryStrategy: 'deadLetter' } as const;

/** Returns a store that records the dead letters that it stores, with their checkpoints. */
function recording(store: EventStore) {
  const deadLetters: [DeadLetterRequest, number | undefined][] = [];
  const storeDeadLetter: EventStore['storeDeadLetter'] = (deadLetter, checkpoint) => {
    deadLetters.push([deadLetter, checkpoint]);
    return store.storeDeadLetter(deadLetter, checkpoint);
  };
  return { deadLetters, recordingStore: { ...store, storeDeadLetter } };
}

describe('retryStrategy deadLetter', () => {
  it(
    'retryStrategy deadLetter stores a dead letter after maxRetries retries and continues with the next event',
    withStore(({ store, cold, expectObservable, expectSubscriptions, flush }) => {
      fill(store, 'Job', 'Job');
      const { deadLetters, recordingStore } = recording(store);
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
      const watched = watch(recordingStore, 'w', { ...deadLetter, maxRetries: 2, handler: () => attempt });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
      flush();
      const common = { watcherId: 'w', errors: [{ name: 'string', message: 'no' }], attempts: 3 };
      expect(deadLetters).toEqual([
        [{ ...common, seqNum: 1, firstTime: new Date(0), lastTime: new Date(8) }, 1],
        [{ ...common, seqNum: 2, firstTime: new Date(8), lastTime: new Date(16) }, 2],
      ]);
    }),
  );

  it(
    'retryStrategy deadLetter does not retry if maxRetries is 0 or retryIf returns false',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const { recordingStore } = recording(store);
      const attempt = cold('--#', {}, 'no');
      const subs = ['       ^-!', '--^-!'];
      const handler = () => attempt;
      const once = watch(recordingStore, 'w', { ...deadLetter, maxRetries: 0, handler });
      const notRetried = watch(recordingStore, 'v', { ...deadLetter, retryIf: () => false, handler });

      expectObservable(once.pipe(asMarbles)).toBe('--a-b');
      expectObservable(notRetried.pipe(asMarbles)).toBe('--a-b');
      expectSubscriptions(attempt.subscriptions).toBe(subs.flatMap((sub) => [sub, sub]));
    }),
  );

  it(
    'retryStrategy deadLetter stores no dead letter for an event that is handled in a retry',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      const { deadLetters, recordingStore } = recording(store);
      const handler: EventHandler = (_event, { attempt }) => cold(attempt === 3 ? '|' : '#');

      expectObservable(watch(recordingStore, 'w', { ...deadLetter, handler }).pipe(asMarbles)).toBe('-----1');
      flush();
      expect(deadLetters).toEqual([]);
    }),
  );

  it(
    'retryStrategy deadLetter counts an attempt that exceeds handlerTimeout as failed',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      const { deadLetters, recordingStore } = recording(store);
      const options = { ...deadLetter, maxRetries: 1, handlerTimeout: 3, handler: () => cold('-') };

      expectObservable(watch(recordingStore, 'w', options).pipe(asMarbles)).toBe('--------a');
      flush();
      expect(deadLetters[0]?.[0]).toMatchObject({
        attempts: 2,
        errors: [{ name: 'TimeoutError', code: 'ERR_TIMEOUT' }],
      });
    }),
  );

  it(
    'retryStrategy deadLetter sets deadLettered in the outcome of the skipped event',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job');
      const { recordingStore } = recording(store);
      const options = { ...deadLetter, maxRetries: 0, handler: () => cold('#') };

      expectObservable(watch(recordingStore, 'w', options)).toBe('a', {
        a: expect.objectContaining({ status: 'skipped', seqNum: 1, attempts: 1, deadLettered: true }),
      });
    }),
  );
});
