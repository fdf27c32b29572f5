import { type Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError, StoreError, TimeoutError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { letter, lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import type { RedriveOptions } from '../../../src/watcher/managed/redrive-command.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { redriven } from './redriven.ts';

const numbers = (all: readonly { readonly seqNum: number }[]) => all.map(({ seqNum }) => seqNum);

describe('a redrive', () => {
  it('hands the letters over in order, one at a time, and removes each when it is handled', async () => {
    const { manager, store, byHand } = await redriven([4, 2, 5]);
    const driven = manager.redrive('w');
    for (const left of [[2, 4, 5], [4, 5], [5]]) {
      await nextTurn();
      expect(byHand.seqNums).toHaveLength(4 - left.length);
      expect(numbers(await lettersOf(store))).toEqual(left);
      byHand.finish();
    }

    expect(await driven).toEqual(
      [2, 4, 5].map((seqNum) => ({
        status: 'handled',
        seqNum,
        event: expect.objectContaining({ seqNum }),
        attempts: 4,
      })),
    );
    expect(byHand.seqNums).toEqual([2, 4, 5]);
    expect(await lettersOf(store)).toEqual([]);
  });

  it('goes on with the count of attempts, for the handler too', async () => {
    const { manager, byHand } = await redriven([2]);
    const driven = manager.redrive('w');
    await nextTurn();
    byHand.fail('no');
    await driven;
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
  ])('of %o hands over these alone, each once: %j', async (options, expected) => {
    const given: number[] = [];
    const handler = ({ seqNum }: Event) => void given.push(seqNum);
    const { manager, store } = await redriven([1, 2, 4], () => ({ handler }));

    expect(numbers(await manager.redrive('w', options))).toEqual(expected);
    expect(given).toEqual(expected);
    expect(numbers(await lettersOf(store))).toEqual([1, 2, 4].filter((n) => !expected.includes(n)));
  });

  it('brings a letter up to date that fails again, once, and goes on with the next', async () => {
    const { manager, store, byHand, clock } = await redriven([2, 3], ({ handler }) => ({
      handler,
      maxRetries: 9,
      retryStrategy: 'stop',
    }));
    const driven = manager.redrive('w');
    await nextTurn();
    byHand.fail('still no');
    await nextTurn();
    byHand.finish();
    const error = new EventHandlingError('w', 2, 4, 'still no');

    expect(await driven).toMatchObject([
      { status: 'skipped', seqNum: 2, attempts: 4, error, deadLettered: true },
      { status: 'handled', seqNum: 3, attempts: 4 },
    ]);
    expect(clock.timers).toBe(0);
    expect(await lettersOf(store)).toEqual([
      {
        ...letter(2),
        event: expect.objectContaining({ seqNum: 2 }),
        errors: [{ name: 'string', message: 'still no' }],
        attempts: 4,
        lastTime: new Date(5000),
      },
    ]);
  });

  it('fails an attempt that takes longer than handlerTimeout', async () => {
    const { manager, store, byHand, clock } = await redriven([2], ({ handler }) => ({
      handler,
      handlerTimeout: 100,
    }));
    const driven = manager.redrive('w');
    await nextTurn();
    clock.advanceBy(100);

    expect(await driven).toMatchObject([{ status: 'skipped', error: { cause: expect.any(TimeoutError) } }]);
    expect(byHand.contexts[0]?.signal.aborted).toBe(true);
    expect(await lettersOf(store)).toMatchObject([{ attempts: 4, errors: [{ code: 'ERR_TIMEOUT' }] }]);
  });

  it.each<[string, () => Observable<unknown>]>([
    ['it is handled', () => of(1)],
    ['it fails', () => throwError(() => 'no')],
  ])('leaves the checkpoint and the counts of the watcher, whether %s', async (_what, handler) => {
    const { manager, watcher } = await redriven([2], () => ({ handler }));
    await manager.redrive('w');

    expect(watcher.stats()).toMatchObject({ state: 'idle', handled: 0, skipped: 0, retries: 0 });
  });

  it('tells those who look on what became of the letters', async () => {
    const { manager, watcher } = await redriven([2, 3], () => ({ handler: () => of(1) }));
    const told: number[] = [];
    watcher.outcomes$.subscribe(({ seqNum }) => told.push(seqNum));
    await manager.redrive('w');

    expect(told).toEqual([2, 3]);
  });

  it('ends when the store fails, and leaves the letter', async () => {
    const { manager, store, byHand } = await redriven([2, 3]);
    Object.assign(store, { deleteDeadLetter: () => Promise.reject(new StoreError('disk full')) });
    const driven = failureOf(manager.redrive('w'));
    await nextTurn();
    byHand.finish();

    expect(await driven).toEqual(new StoreError('disk full'));
    expect(byHand.seqNums).toEqual([2]);
    expect(numbers(await lettersOf(store))).toEqual([2, 3]);
  });
});
