import { type Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError, StoreError, TimeoutError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import { deadLetter, deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import type { RedriveOptions } from '../../../src/watcher/managed/redrive-command.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { watcherWithDeadLetters } from './watcher-with-dead-letters.ts';

const numbers = (all: readonly { readonly seqNum: number }[]) => all.map(({ seqNum }) => seqNum);

describe('a redrive of dead letters', () => {
  it('a redrive delivers the dead letters in order, one at a time, and deletes each dead letter after it is handled', async () => {
    const { manager, store, byHand } = await watcherWithDeadLetters([4, 2, 5]);
    const redriven = manager.redrive('w');
    for (const remaining of [[2, 4, 5], [4, 5], [5]]) {
      await nextTurn();
      expect(byHand.seqNums).toHaveLength(4 - remaining.length);
      expect(numbers(await deadLettersOf(store))).toEqual(remaining);
      byHand.finish();
    }

    expect(await redriven).toEqual(
      [2, 4, 5].map((seqNum) => ({
        status: 'handled',
        seqNum,
        event: expect.objectContaining({ seqNum }),
        attempts: 4,
      })),
    );
    expect(byHand.seqNums).toEqual([2, 4, 5]);
    expect(await deadLettersOf(store)).toEqual([]);
  });

  it('a redrive continues the attempt count of the dead letter in the context of the handler', async () => {
    const { manager, byHand } = await watcherWithDeadLetters([2]);
    const redriven = manager.redrive('w');
    await nextTurn();
    byHand.fail('no');
    await redriven;
    const again = manager.redrive('w');
    await nextTurn();
    byHand.finish();
    await again;

    expect(byHand.contexts).toMatchObject([
      { watcherId: 'w', attempt: 4 },
      { watcherId: 'w', attempt: 5 },
    ]);
  });

  it.each<[RedriveOptions, readonly number[]]>([
    [{ seqNums: [4] }, [4]],
    [{ seqNums: [4, 1] }, [1, 4]],
    [{ seqNums: [4, 4, 4] }, [4]],
    [{ seqNums: [] }, []],
    [{}, [1, 2, 4]],
    [{ seqNums: undefined }, [1, 2, 4]],
  ])(
    'a redrive with the options %o delivers each of these dead letters once: %j',
    async (options, expected) => {
      const given: number[] = [];
      const handler = ({ seqNum }: Event) => void given.push(seqNum);
      const { manager, store } = await watcherWithDeadLetters([1, 2, 4], () => ({ handler }));

      expect(numbers(await manager.redrive('w', options))).toEqual(expected);
      expect(given).toEqual(expected);
      expect(numbers(await deadLettersOf(store))).toEqual([1, 2, 4].filter((n) => !expected.includes(n)));
    },
  );

  it('a redrive updates a dead letter that fails again, makes no retry, and continues with the next dead letter', async () => {
    const { manager, store, byHand, clock } = await watcherWithDeadLetters([2, 3], ({ handler }) => ({
      handler,
      maxRetries: 9,
      retryStrategy: 'stop',
    }));
    const redriven = manager.redrive('w');
    await nextTurn();
    byHand.fail('still no');
    await nextTurn();
    byHand.finish();
    const error = new EventHandlingError('w', 2, 4, 'still no');

    expect(await redriven).toMatchObject([
      { status: 'skipped', seqNum: 2, attempts: 4, error, deadLettered: true },
      { status: 'handled', seqNum: 3, attempts: 4 },
    ]);
    expect(clock.timers).toBe(0);
    expect(await deadLettersOf(store)).toEqual([
      {
        ...deadLetter(2),
        event: expect.objectContaining({ seqNum: 2 }),
        errors: [{ name: 'string', message: 'still no' }],
        attempts: 4,
        lastTime: new Date(5000),
      },
    ]);
  });

  it('a redrive fails an attempt at a dead letter that takes longer than handlerTimeout', async () => {
    const { manager, store, byHand, clock } = await watcherWithDeadLetters([2], ({ handler }) => ({
      handler,
      handlerTimeout: 100,
    }));
    const redriven = manager.redrive('w');
    await nextTurn();
    clock.advanceBy(100);

    expect(await redriven).toMatchObject([{ status: 'skipped', error: { cause: expect.any(TimeoutError) } }]);
    expect(byHand.contexts[0]?.signal.aborted).toBe(true);
    expect(await deadLettersOf(store)).toMatchObject([{ attempts: 4, errors: [{ code: 'ERR_TIMEOUT' }] }]);
  });

  it.each<[string, () => Observable<unknown>]>([
    ['the attempt succeeds', () => of(1)],
    ['the attempt fails', () => throwError(() => 'no')],
  ])('a redrive changes neither the state nor the counts of the watcher if %s', async (_name, handler) => {
    const { manager, watcher } = await watcherWithDeadLetters([2], () => ({ handler }));
    await manager.redrive('w');

    expect(watcher.stats()).toMatchObject({ state: 'idle', handled: 0, skipped: 0, retries: 0 });
  });

  it('outcomes$ of a watcher emits the outcomes of a redrive', async () => {
    const { manager, watcher } = await watcherWithDeadLetters([2, 3], () => ({ handler: () => of(1) }));
    const seqNums: number[] = [];
    watcher.outcomes$.subscribe(({ seqNum }) => seqNums.push(seqNum));
    await manager.redrive('w');

    expect(seqNums).toEqual([2, 3]);
  });

  it('a redrive is rejected when a write of the store fails, and keeps the dead letter', async () => {
    const { manager, store, byHand } = await watcherWithDeadLetters([2, 3]);
    Object.assign(store, { deleteDeadLetter: () => Promise.reject(new StoreError('disk full')) });
    const redriven = failureOf(manager.redrive('w'));
    await nextTurn();
    byHand.finish();

    expect(await redriven).toEqual(new StoreError('disk full'));
    expect(byHand.seqNums).toEqual([2]);
    expect(numbers(await deadLettersOf(store))).toEqual([2, 3]);
  });
});
