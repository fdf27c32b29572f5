import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError, StoreError } from '../../../src/errors.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { managed, statsWhen } from '../managed.ts';

/** A watcher that keeps what fails twice, 200 milliseconds apart. */
const keeping = (options: CreateWatcherOptions = {}) =>
  managed({ retryStrategy: 'deadLetter', maxRetries: 1, autoStart: true, ...options });

/** What a watcher has in hand is failed for good. */
async function giveUp({ byHand, clock }: ReturnType<typeof keeping>, error: unknown) {
  byHand.fail(error);
  clock.advanceBy(200);
  byHand.fail(error);
  await nextTurn();
}

describe('a watcher under deadLetter', () => {
  it('has an event kept that has used up its retries, with why and when, and goes on', async () => {
    const parts = keeping();
    const { byHand, clock, store, watcher, manager, stored } = parts;
    byHand.finish();
    clock.advanceBy(1000);
    const root = new RangeError('no such host');
    const error = new Error('not sent', { cause: root });
    await giveUp(parts, error);

    expect(await lettersOf(store)).toEqual([
      {
        watcherId: 'w',
        seqNum: 2,
        event: expect.objectContaining({ seqNum: 2, object: { index: 1 } }),
        errors: [
          { name: 'Error', message: 'not sent', stack: error.stack },
          { name: 'RangeError', message: 'no such host', stack: root.stack },
        ],
        attempts: 2,
        firstTime: new Date(0),
        lastTime: new Date(1200),
      },
    ]);
    expect(byHand.seqNums).toEqual([1, 2, 2, 3]);
    expect(await stored()).toBe(2);
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 1, skipped: 1, lag: 1 });
    byHand.finish();
    await manager.stop();
    expect(await stored()).toBe(3);
  });

  it('hands the next event over only when the letter is kept', async () => {
    const { byHand, clock, store, manager } = managed({ retryStrategy: 'deadLetter', maxRetries: 0 });
    let keep = () => {};
    const storeDeadLetter = store.storeDeadLetter.bind(store);
    Object.assign(store, {
      storeDeadLetter: async (...args: Parameters<typeof storeDeadLetter>) => {
        await new Promise<void>((resolve) => {
          keep = resolve;
        });
        await storeDeadLetter(...args);
      },
    });
    manager.lookup('w').start();
    byHand.fail('no');
    await nextTurn();
    expect(byHand.seqNums).toEqual([1]);
    expect(clock.timers).toBe(0);
    keep();
    await nextTurn();
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('tells of it by an outcome', async () => {
    const parts = keeping();
    const outcome = firstValueFrom(parts.watcher.outcomes$);
    await giveUp(parts, 'no');

    expect(await outcome).toEqual({
      status: 'skipped',
      seqNum: 1,
      event: expect.objectContaining({ seqNum: 1 }),
      attempts: 2,
      error: new EventHandlingError('w', 1, 2, 'no'),
      deadLettered: true,
    });
  });

  it('keeps one letter of an event that it gives up again after a seek', async () => {
    const parts = keeping();
    await giveUp(parts, 'once');
    const sought = parts.watcher.seek(afterSequenceNumber(0));
    await nextTurn();
    parts.byHand.fail('stopping');
    await sought;
    await giveUp(parts, 'again');

    expect(await lettersOf(parts.store)).toMatchObject([
      { seqNum: 1, attempts: 2, errors: [{ message: 'again' }], firstTime: new Date(200) },
    ]);
  });

  it.each([
    ['a seek', async (watcher: Watcher) => watcher.seek(afterSequenceNumber(0))],
    [
      'a start behind an older checkpoint',
      async (watcher: Watcher, store: EventStore) => {
        await watcher.stop();
        await store.storeCheckpoint('w', 0);
        watcher.start();
      },
    ],
  ])('removes the letter of an event that is handled after all, after %s', async (_what, goBack) => {
    const parts = keeping();
    await giveUp(parts, 'no');
    expect(await lettersOf(parts.store)).toHaveLength(1);
    parts.byHand.finish();
    parts.byHand.finish();
    await goBack(parts.watcher, parts.store);
    await nextTurn();
    expect(parts.byHand.seqNums.at(-1)).toBe(1);
    parts.byHand.finish();
    await nextTurn();
    expect(await lettersOf(parts.store)).toEqual([]);
    expect(parts.byHand.seqNums.at(-1)).toBe(2);
  });

  it.each<[string, CreateWatcherOptions, number | undefined]>([
    ['an ephemeral watcher', { ephemeral: true }, undefined],
    ['a watcher whose checkpoints are manual', { checkpoint: 'manual' }, 0],
  ])('moves no checkpoint for %s', async (_whose, options, expected) => {
    const parts = keeping(options);
    await giveUp(parts, 'no');

    expect(await lettersOf(parts.store)).toHaveLength(1);
    expect(await parts.stored()).toBe(expected);
    expect(parts.byHand.seqNums).toEqual([1, 1, 2]);
  });

  it('tries again to keep it, without an end, and does not go on before', async () => {
    const parts = keeping();
    const { store, byHand, clock, watcher, stored } = parts;
    const storeDeadLetter = store.storeDeadLetter.bind(store);
    let failures = 3;
    Object.assign(store, {
      storeDeadLetter: async (...args: Parameters<typeof storeDeadLetter>) => {
        if (failures-- > 0) throw new StoreError('disk full');
        await storeDeadLetter(...args);
      },
    });
    await giveUp(parts, 'no');
    for (const delay of [200, 400, 800]) {
      expect(watcher.stats()).toMatchObject({ state: 'running', lastError: new StoreError('disk full') });
      expect(byHand.seqNums).toEqual([1, 1]);
      expect(await stored()).toBe(0);
      clock.advanceBy(delay);
      await nextTurn();
    }
    expect(byHand.seqNums).toEqual([1, 1, 2]);
    expect(await stored()).toBe(1);
    // The time at which the attempt failed, not at which the store had room again.
    expect(await lettersOf(store)).toMatchObject([{ firstTime: new Date(0), lastTime: new Date(200) }]);
  });

  it('stops while it tries again to keep it: the event is handled anew by the next start', async () => {
    const parts = keeping();
    const { store, byHand, clock, watcher, stored } = parts;
    const { storeDeadLetter } = store;
    Object.assign(store, { storeDeadLetter: () => Promise.reject(new StoreError('disk full')) });
    await giveUp(parts, 'no');
    await watcher.stop();
    expect(clock.timers).toBe(0);
    expect(await stored()).toBe(0);

    Object.assign(store, { storeDeadLetter });
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 1, 1]);
    await giveUp(parts, 'no');
    expect(await stored()).toBe(1);
    expect(await lettersOf(store)).toHaveLength(1);
  });

  it('leaves its checkpoint where it is while an event before is under way', async () => {
    const parts = keeping({ concurrency: 2, keyOf: ({ seqNum }) => `${seqNum}`, maxRetries: 0 });
    const { store, byHand, watcher, stored } = parts;
    // By hand ends the attempt that was begun last: that is event 2.
    expect(byHand.seqNums).toEqual([1, 2]);
    byHand.fail('no');
    await statsWhen(watcher, ({ skipped }) => skipped === 1);

    expect(await lettersOf(store)).toMatchObject([{ seqNum: 2 }]);
    expect(await stored()).not.toBe(2);
  });
});
