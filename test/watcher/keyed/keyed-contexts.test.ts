import { AsyncLocalStorage } from 'node:async_hooks';
import { retry, Subject, takeUntil } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { RetryStrategy } from '../../../src/handling/retry-strategy.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { WatchOptions } from '../../../src/watcher/watch-options.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';

const user = new AsyncLocalStorage<string>();

/**
 * Starts a watcher with two slots in the context `watcher`. The retry of event 1 and the attempt at event 3 occupy the slots,
 * and event 4, which has a synchronous handler, waits. Records the context of each further attempt and outcome.
 */
function startWithRetry(options: Pick<WatchOptions, 'retryStrategy'> = {}) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillKeys(store, 'abc');
  const byHand = new ManualHandler();
  const contexts: (readonly [string, unknown])[] = [];
  const see = (what: string) => contexts.push([what, user.getStore()]);
  user.run('watcher', () =>
    watch(store, 'w', {
      keyOf,
      concurrency: 2,
      initialBackoff: 1,
      ...options,
      handler(event, context) {
        see(`attempt ${context.attempt} at ${event.seqNum}`);
        return event.seqNum === 4 ? undefined : byHand.handler(event, context);
      },
    }).subscribe({ next: ({ seqNum }) => see(`outcome of ${seqNum}`) }),
  );
  byHand.fail(new Error('not now'), 1);
  clock.advanceBy(1);
  byHand.finish(2);
  fillKeys(store, 'd');
  clock.advanceBy(0);
  expect(byHand.inFlight).toEqual([3, 1]);
  contexts.length = 0;
  return { byHand, contexts };
}

describe('a keyed watcher with an event that waits for the slot of a retry', () => {
  const abandon$ = new Subject<void>();
  const retryStrategy: RetryStrategy = (attempt, { seqNum }) =>
    seqNum === 1 ? attempt.pipe(retry(1), takeUntil(abandon$)) : attempt;

  it.each<[string, Pick<WatchOptions, 'retryStrategy'>, (byHand: ManualHandler) => void]>([
    ['completes', {}, (byHand) => byHand.finish(1)],
    ['fails', {}, (byHand) => byHand.fail(new Error('again'), 1)],
    ['is abandoned by a custom strategy', { retryStrategy }, () => abandon$.next()],
  ])(
    'an event that waits for a retry is handled in the context of its watcher if that retry %s in another asynchronous context',
    (_name, options, end) => {
      const { byHand, contexts } = startWithRetry(options);

      user.run('other', () => end(byHand));

      expect(contexts.slice(0, 2)).toEqual([
        ['attempt 1 at 4', 'watcher'],
        ['outcome of 4', 'watcher'],
      ]);
    },
  );
});
