import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { createWithSyncStart, managed, statsWhen } from '../../support/watcher/managed-watcher.ts';

const deadLetter = { retryStrategy: 'deadLetter', maxRetries: 0, autoStart: true } as const;
const fail = (message: string): never => {
  throw new Error(message);
};

describe('a watcher with retryStrategy deadLetter and several events in flight', () => {
  it('a watcher stores one dead letter for each failing event of a batch, and handles the other events', async () => {
    const batches: (readonly number[])[] = [];
    const { store, watcher, manager, stored } = managed({
      ...deadLetter,
      events: 4,
      handler: undefined,
      maxBatch: 4,
      batchHandler: (events) => {
        const seqNums = events.map(({ seqNum }) => seqNum);
        batches.push(seqNums);
        if (seqNums.includes(2) || seqNums.includes(4)) fail(`not ${seqNums}`);
      },
    });
    const stats = await statsWhen(watcher, ({ lag }) => lag === 0);

    expect(batches).toEqual([[1, 2, 3, 4], [1], [2], [3], [4]]);
    expect(stats).toMatchObject({ handled: 2, skipped: 2 });
    expect(await deadLettersOf(store)).toMatchObject([
      { seqNum: 2, event: { seqNum: 2 }, errors: [{ message: 'not 2' }] },
      { seqNum: 4, event: { seqNum: 4 }, errors: [{ message: 'not 4' }] },
    ]);
    expect(await stored()).toBe(4);
    await manager.stop();
  });

  it('a watcher stores one dead letter for each event if several events fail at the same time', async () => {
    const handler: EventHandler = async ({ seqNum }) => {
      await nextTurn();
      fail(`not ${seqNum}`);
    };
    const keyOf = ({ seqNum }: { readonly seqNum: number }) => `${seqNum}`;
    const { store, watcher, manager, stored } = managed({
      ...deadLetter,
      events: 20,
      handler,
      concurrency: 7,
      keyOf,
    });
    await statsWhen(watcher, ({ lag }) => lag === 0);
    await manager.stop();

    expect(await stored()).toBe(20);
    const deadLetters = await deadLettersOf(store);
    expect(deadLetters).toHaveLength(20);
    for (const { seqNum, errors } of deadLetters)
      expect(errors).toMatchObject([{ message: `not ${seqNum}` }]);
  });

  it('a watcher that stores dead letters does not move its checkpoint past an earlier event in flight', async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const handler: EventHandler = ({ seqNum }) => (seqNum === 1 ? slow : fail('no'));
    const keyOf = ({ seqNum }: { readonly seqNum: number }) => `${seqNum}`;
    const { store, watcher, manager } = managed({ ...deadLetter, handler, concurrency: 2, keyOf });
    await statsWhen(watcher, ({ skipped }) => skipped === 2);

    expect(await deadLettersOf(store)).toMatchObject([{ seqNum: 2 }, { seqNum: 3 }]);
    expect((await firstValueFrom(store.getCheckpoint('w'))) ?? 0).toBe(0);
    finish();
    await statsWhen(watcher, ({ lag }) => lag === 0);
    await manager.stop();
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(3);
  });
});

it('a watcher does not replace the checkpoint that is stored with a dead letter by an older checkpoint', async () => {
  const { store: gated, gate } = gatedStore();
  fillUp(gated, 3);
  const written: string[] = [];
  const store: EventStore = {
    ...gated,
    storeCheckpoint(id, seqNum) {
      written.push(`checkpoint ${seqNum}`);
      return gated.storeCheckpoint(id, seqNum);
    },
    storeDeadLetter(deadLetter, checkpoint) {
      written.push(`dead letter ${deadLetter.seqNum} with checkpoint ${checkpoint}`);
      return gated.storeDeadLetter(deadLetter, checkpoint);
    },
  };
  const handler: EventHandler = ({ seqNum }) => (seqNum === 3 ? fail('no') : undefined);
  const watcher = createWithSyncStart(store, 'w', { ...deadLetter, handler });
  expect(written).toEqual(['checkpoint 1']);
  while (gate.isBusy) await gate.finish();
  await watcher.stop();
  expect(written).toEqual(['checkpoint 1', 'dead letter 3 with checkpoint 3']);
  expect(await firstValueFrom(gated.getCheckpoint('w'))).toBe(3);
});
