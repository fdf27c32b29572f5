import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError, StoreError } from '../../../src/errors.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed, statsWhen } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher that stores a dead letter after two attempts, 200 milliseconds apart. */
const deadLettering = (options: CreateWatcherOptions = {}) =>
  managed({ retryStrategy: 'deadLetter', maxRetries: 1, autoStart: true, ...options });

/** Fails both attempts at the event in flight. */
async function giveUp({ byHand, clock }: ReturnType<typeof deadLettering>, error: unknown) {
  byHand.fail(error);
  clock.advanceBy(200);
  byHand.fail(error);
  await nextTurn();
}

describe('a watcher with retryStrategy deadLetter', () => {
  it('a watcher stores a dead letter with all errors and their times after the last retry, and continues with the next event', async () => {
    const setup = deadLettering();
    const { byHand, clock, store, watcher, manager, stored } = setup;
    byHand.finish();
    clock.advanceBy(1000);
    const root = new RangeError('no such host');
    const error = new Error('not sent', { cause: root });
    await giveUp(setup, error);

    expect(await deadLettersOf(store)).toEqual([
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

  it('a watcher delivers the next event only after the dead letter of the previous event is stored', async () => {
    const { byHand, clock, store, manager } = managed({ retryStrategy: 'deadLetter', maxRetries: 0 });
    let finishWrite = () => {};
    const storeDeadLetter = store.storeDeadLetter.bind(store);
    Object.assign(store, {
      storeDeadLetter: async (...args: Parameters<typeof storeDeadLetter>) => {
        await new Promise<void>((resolve) => {
          finishWrite = resolve;
        });
        await storeDeadLetter(...args);
      },
    });
    manager.lookup('w').start();
    byHand.fail('no');
    await nextTurn();
    expect(byHand.seqNums).toEqual([1]);
    expect(clock.timers).toBe(0);
    finishWrite();
    await nextTurn();
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('a watcher with retryStrategy deadLetter emits a skipped outcome with deadLettered true for an event that it gives up', async () => {
    const setup = deadLettering();
    const outcome = firstValueFrom(setup.watcher.outcomes$);
    await giveUp(setup, 'no');

    expect(await outcome).toEqual({
      status: 'skipped',
      seqNum: 1,
      event: expect.objectContaining({ seqNum: 1 }),
      attempts: 2,
      error: new EventHandlingError('w', 1, 2, 'no'),
      deadLettered: true,
    });
  });

  it('a watcher replaces the dead letter of an event if it gives the same event up again after a seek', async () => {
    const setup = deadLettering();
    await giveUp(setup, 'once');
    const sought = setup.watcher.seek(afterSequenceNumber(0));
    await nextTurn();
    setup.byHand.fail('stopping');
    await sought;
    await giveUp(setup, 'again');

    expect(await deadLettersOf(setup.store)).toMatchObject([
      { seqNum: 1, attempts: 2, errors: [{ message: 'again' }], firstTime: new Date(200) },
    ]);
  });

  it.each([
    ['a seek', async (watcher: Watcher) => watcher.seek(afterSequenceNumber(0))],
    [
      'a restart from an older checkpoint',
      async (watcher: Watcher, store: EventStore) => {
        await watcher.stop();
        await store.storeCheckpoint('w', 0);
        watcher.start();
      },
    ],
  ])('a watcher deletes the dead letter of an event that is handled after %s', async (_name, goBack) => {
    const setup = deadLettering();
    await giveUp(setup, 'no');
    expect(await deadLettersOf(setup.store)).toHaveLength(1);
    setup.byHand.finish();
    setup.byHand.finish();
    await goBack(setup.watcher, setup.store);
    await nextTurn();
    expect(setup.byHand.seqNums.at(-1)).toBe(1);
    setup.byHand.finish();
    await nextTurn();
    expect(await deadLettersOf(setup.store)).toEqual([]);
    expect(setup.byHand.seqNums.at(-1)).toBe(2);
  });

  it.each<[string, CreateWatcherOptions, number | undefined]>([
    ['is ephemeral', { ephemeral: true }, undefined],
    ['has manual checkpoints', { checkpoint: 'manual' }, 0],
  ])(
    'a watcher stores a dead letter without a checkpoint if the watcher %s',
    async (_name, options, expected) => {
      const setup = deadLettering(options);
      await giveUp(setup, 'no');

      expect(await deadLettersOf(setup.store)).toHaveLength(1);
      expect(await setup.stored()).toBe(expected);
      expect(setup.byHand.seqNums).toEqual([1, 1, 2]);
    },
  );

  it('a watcher retries the write of a dead letter without a limit, and does not continue before the dead letter is stored', async () => {
    const setup = deadLettering();
    const { store, byHand, clock, watcher, stored } = setup;
    const storeDeadLetter = store.storeDeadLetter.bind(store);
    let failures = 3;
    Object.assign(store, {
      storeDeadLetter: async (...args: Parameters<typeof storeDeadLetter>) => {
        if (failures-- > 0) throw new StoreError('disk full');
        await storeDeadLetter(...args);
      },
    });
    await giveUp(setup, 'no');
    for (const delay of [200, 400, 800]) {
      expect(watcher.stats()).toMatchObject({ state: 'running', lastError: new StoreError('disk full') });
      expect(byHand.seqNums).toEqual([1, 1]);
      expect(await stored()).toBe(0);
      clock.advanceBy(delay);
      await nextTurn();
    }
    expect(byHand.seqNums).toEqual([1, 1, 2]);
    expect(await stored()).toBe(1);
    // `lastTime` is the time of the failed attempt, not of the later write that succeeded.
    expect(await deadLettersOf(store)).toMatchObject([{ firstTime: new Date(0), lastTime: new Date(200) }]);
  });

  it('a watcher delivers an event again after a restart if the watcher was stopped before it stored the dead letter', async () => {
    const setup = deadLettering();
    const { store, byHand, clock, watcher, stored } = setup;
    const { storeDeadLetter } = store;
    Object.assign(store, { storeDeadLetter: () => Promise.reject(new StoreError('disk full')) });
    await giveUp(setup, 'no');
    await watcher.stop();
    expect(clock.timers).toBe(0);
    expect(await stored()).toBe(0);

    Object.assign(store, { storeDeadLetter });
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 1, 1]);
    await giveUp(setup, 'no');
    expect(await stored()).toBe(1);
    expect(await deadLettersOf(store)).toHaveLength(1);
  });

  it('a watcher stores a dead letter without a checkpoint while an earlier event is in flight', async () => {
    const setup = deadLettering({ concurrency: 2, keyOf: ({ seqNum }) => `${seqNum}`, maxRetries: 0 });
    const { store, byHand, watcher, stored } = setup;
    expect(byHand.seqNums).toEqual([1, 2]);
    byHand.fail('no', 2);
    await statsWhen(watcher, ({ skipped }) => skipped === 1);

    expect(await deadLettersOf(store)).toMatchObject([{ seqNum: 2 }]);
    expect(await stored()).not.toBe(2);
  });
});
