import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../src/errors.ts';
import type { EventHandler } from '../../src/handling/handler.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../support/watcher/fill.ts';
import { managed, statsWhen } from '../support/watcher/managed-watcher.ts';
import { asMarbles, withStore } from '../support/watcher/virtual-store.ts';

const stop = { initialBackoff: 2, maxBackoff: 3, retryStrategy: 'stop' } as const;

describe('retryStrategy stop', () => {
  it(
    'retryStrategy stop makes up to maxRetries retries, and then fails the watcher without another delay',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('-#          ', {}, 'no');
      const subs = [
        '                   ^!          ',
        '                   ---^!       ',
        '                   -------^!   ',
      ];
      const expected = '    --------#   ';
      const watched = watch(store, 'w', { ...stop, maxRetries: 2, handler: () => attempt });

      expectObservable(watched).toBe(expected, undefined, new EventHandlingError('w', 1, 3, 'no'));
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'retryStrategy stop does not retry if maxRetries is 0',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      const attempt = cold('--#', {}, 'no');
      const expected = '    --#';
      const watched = watch(store, 'w', { ...stop, maxRetries: 0, handler: () => attempt });

      expectObservable(watched).toBe(expected, undefined, new EventHandlingError('w', 1, 1, 'no'));
      expectSubscriptions(attempt.subscriptions).toBe('^-!');
    }),
  );

  it(
    'retryStrategy stop counts retries and computes the backoff separately for each event',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const failure = cold('#                 ', {}, 'no');
      const handler: EventHandler = ({ seqNum }, { attempt }) =>
        seqNum === 1 && attempt === 4 ? EMPTY : failure;
      const subs = [
        '                   (^!)              ',
        '                   --(^!)            ',
        '                   -----(^!)         ',
        '                   --------(^!)      ',
        '                   ----------(^!)    ',
        '                   -------------(^!) ',
        '                   ----------------(^!)',
      ];
      const expected = '    --------1-------# ';
      const watched = watch(store, 'w', { ...stop, maxRetries: 3, handler });

      expectObservable(watched.pipe(asMarbles)).toBe(
        expected,
        undefined,
        new EventHandlingError('w', 2, 4, 'no'),
      );
      expectSubscriptions(failure.subscriptions).toBe(subs);
    }),
  );

  it('retryStrategy stop keeps the checkpoint before the failed event, which the next start tries again', async () => {
    const { byHand, watcher, stored, manager } = managed({ ...stop, maxRetries: 0, autoStart: true });
    byHand.finish();
    byHand.fail('no');

    expect(await statsWhen(watcher, ({ lag }) => lag === 2)).toMatchObject({
      state: 'failed',
      handled: 1,
      skipped: 0,
      lastError: new EventHandlingError('w', 2, 1, 'no'),
    });
    expect(await stored()).toBe(1);

    watcher.start();
    byHand.finish();
    byHand.finish();
    expect(byHand.seqNums).toEqual([1, 2, 2, 3]);
    expect(byHand.contexts.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    await manager.stop();
    expect(await stored()).toBe(3);
  });
});
