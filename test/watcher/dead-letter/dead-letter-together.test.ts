import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { gatedStore } from '../checkpoint/gated-store.ts';
import { fillUp } from '../delivery/fill.ts';
import { createBegun, managed, statsWhen } from '../managed.ts';

const deadLetter = { retryStrategy: 'deadLetter', maxRetries: 0, autoStart: true } as const;
const fail = (what: string): never => {
  throw new Error(what);
};

describe('events that are given up together', () => {
  it('are kept each for itself, though they came as a batch; those that can be handled are', async () => {
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
    expect(await lettersOf(store)).toMatchObject([
      { seqNum: 2, event: { seqNum: 2 }, errors: [{ message: 'not 2' }] },
      { seqNum: 4, event: { seqNum: 4 }, errors: [{ message: 'not 4' }] },
    ]);
    expect(await stored()).toBe(4);
    await manager.stop();
  });

  it('are kept each for itself, though they failed at the same time', async () => {
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
    const letters = await lettersOf(store);
    expect(letters).toHaveLength(20);
    for (const { seqNum, errors } of letters) expect(errors).toMatchObject([{ message: `not ${seqNum}` }]);
  });

  it('come behind the place at which the checkpoint waits for a slower one', async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const handler: EventHandler = ({ seqNum }) => (seqNum === 1 ? slow : fail('no'));
    const keyOf = ({ seqNum }: { readonly seqNum: number }) => `${seqNum}`;
    const { store, watcher, manager } = managed({ ...deadLetter, handler, concurrency: 2, keyOf });
    await statsWhen(watcher, ({ skipped }) => skipped === 2);

    expect(await lettersOf(store)).toMatchObject([{ seqNum: 2 }, { seqNum: 3 }]);
    expect((await firstValueFrom(store.getCheckpoint('w'))) ?? 0).toBe(0);
    finish();
    await statsWhen(watcher, ({ lag }) => lag === 0);
    await manager.stop();
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(3);
  });
});

it('a dead letter and its checkpoint are not overtaken by an older checkpoint', async () => {
  const { store: gated, gate } = gatedStore(new VirtualClock());
  fillUp(gated, 3);
  const written: string[] = [];
  const store: EventStore = {
    ...gated,
    storeCheckpoint(id, seqNum) {
      written.push(`checkpoint ${seqNum}`);
      return gated.storeCheckpoint(id, seqNum);
    },
    storeDeadLetter(letter, checkpoint) {
      written.push(`letter ${letter.seqNum} with checkpoint ${checkpoint}`);
      return gated.storeDeadLetter(letter, checkpoint);
    },
  };
  const handler: EventHandler = ({ seqNum }) => (seqNum === 3 ? fail('no') : undefined);
  const watcher = createBegun(store, 'w', { ...deadLetter, handler });
  expect(written).toEqual(['checkpoint 1']);
  while (gate.isUnderWay) await gate.finish();
  await watcher.stop();
  expect(written).toEqual(['checkpoint 1', 'letter 3 with checkpoint 3']);
  expect(await firstValueFrom(gated.getCheckpoint('w'))).toBe(3);
});
