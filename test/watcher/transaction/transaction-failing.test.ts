import { firstValueFrom, of, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError, InvalidRequestError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { thenable } from '../../support/thenable.ts';
import { statsWhen } from '../../support/watcher/managed-watcher.ts';
import { derivedFrom, projecting, projection } from '../../support/watcher/projection.ts';

/** Starts a projection of five events. Its handler fails at the event `failing`, in all attempts up to `lastAttempt`. */
function failingAt(
  failing: number,
  options: CreateWatcherOptions = {},
  lastAttempt = Number.POSITIVE_INFINITY,
) {
  const { calls, transactionHandler } = projection(({ seqNum }: Event, attempt: number) => {
    if (seqNum === failing && attempt <= lastAttempt) throw new Error(`failing event ${failing}`);
  });
  const all = projecting({ transactionHandler, ...options });
  const checkpoint = () => note(all.store.getCheckpoint('w')).values[0];
  return { ...all, calls, checkpoint, derived: () => derivedFrom(all.store) };
}

describe('a watcher with a transaction handler that throws', () => {
  it('if an event fails, its transaction is rolled back, the events before it are committed, and only that event is retried', () => {
    const { clock, calls, outcomes, derived, checkpoint, watcher } = failingAt(3, {}, 2);

    expect(calls).toEqual(['1/1', '2/1', '3/1', '1/1', '2/1']);
    expect([derived(), checkpoint()]).toEqual([[1, 2], 2]);
    expect(outcomes).toEqual(['1 handled 1', '2 handled 1']);
    expect(watcher.stats()).toMatchObject({ retries: 0, lastError: { seqNum: 3, attempts: 1 } });

    calls.length = 0;
    clock.advanceBy(10);
    expect([calls, derived(), checkpoint()]).toEqual([['3/2'], [1, 2], 2]);
    clock.advanceBy(20);
    expect(calls).toEqual(['3/2', '3/3', '4/1', '5/1']);
    expect(derived()).toEqual([1, 2, 3, 4, 5]);
    expect(outcomes.slice(2)).toEqual(['3 handled 3', '4 handled 1', '5 handled 1']);
    expect(watcher.stats()).toMatchObject({ retries: 2, handled: 5 });
  });

  it('a transaction commits nothing if its first event fails, and no later event is handled', () => {
    const { clock, outcomes, derived, checkpoint } = failingAt(1);
    clock.advanceBy(1000);
    expect([outcomes, derived(), checkpoint()]).toEqual([[], [], 0]);
  });

  it('with retryStrategy stop, the events before the failed event are committed, and then the watcher fails', async () => {
    const { watcher, outcomes, derived, stored } = failingAt(3, { retryStrategy: 'stop', maxRetries: 0 });
    expect(outcomes).toEqual(['1 handled 1', '2 handled 1']);
    expect(watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 3, attempts: 1 } });
    await nextTurn();
    expect([derived(), await stored()]).toEqual([[1, 2], 2]);
  });

  it('with retryStrategy skip, the failed event of a transaction is skipped, and the other events are handled', async () => {
    const { outcomes, derived, watcher, stored } = failingAt(3, { retryStrategy: 'skip', maxRetries: 0 });
    expect(outcomes).toEqual([1, 2, 3, 4, 5].map((n) => `${n} ${n === 3 ? 'skipped' : 'handled'} 1`));
    expect(derived()).toEqual([1, 2, 4, 5]);
    await watcher.stop();
    expect(await stored()).toBe(9);
  });

  it('with retryStrategy deadLetter, a dead letter of the failed event of a transaction is stored, and the watcher continues', async () => {
    const { store, watcher, checkpoint } = failingAt(5, { retryStrategy: 'deadLetter', maxRetries: 0 });
    await statsWhen(watcher, ({ skipped }) => skipped === 1);
    const deadLetters = await firstValueFrom(store.deadLetters('w').pipe(toArray()));
    expect(deadLetters).toMatchObject([{ seqNum: 5, errors: [{ message: 'failing event 5' }] }]);
    expect(checkpoint()).toBe(9);
  });

  it('a transaction handler is not called again for the failed event if retryIf returns false', () => {
    const { calls, outcomes } = failingAt(2, { retryStrategy: 'skip', retryIf: () => false });
    expect(calls).toEqual(['1/1', '2/1', '1/1', '3/1', '4/1', '5/1']);
    expect(outcomes[1]).toBe('2 skipped 1');
  });

  it('a custom strategy is called only for the failed event of a transaction, and receives the failed first attempt', () => {
    const asked: unknown[] = [];
    const { calls, outcomes } = failingAt(
      3,
      {
        retryStrategy: (attempt, { seqNum, event }) => {
          asked.push([seqNum, event?.seqNum, note(attempt).error]);
          return attempt;
        },
      },
      1,
    );
    expect(asked).toEqual([[3, 3, new Error('failing event 3')]]);
    expect(calls).toEqual(['1/1', '2/1', '3/1', '1/1', '2/1', '3/2', '4/1', '5/1']);
    expect(outcomes[2]).toBe('3 handled 2');
  });

  it('if an event fails in the repetition after a rollback, it is retried, and the events before it are committed', () => {
    let calls = 0;
    const { transactionHandler } = projection(({ seqNum }) => {
      if (seqNum === 4 || (seqNum === 2 && ++calls === 2)) throw new Error(`failing event ${seqNum}`);
    });
    const { clock, outcomes, store } = projecting({
      transactionHandler,
      retryStrategy: 'skip',
      maxRetries: 1,
    });
    expect(outcomes).toEqual(['1 handled 1']);
    clock.advanceBy(100);
    expect(outcomes).toEqual(['1 handled 1', '2 handled 2', '3 handled 1', '4 skipped 2', '5 handled 1']);
    expect(derivedFrom(store)).toEqual([1, 2, 3, 5]);
  });

  it.each<[string, () => unknown]>([
    ['a Promise', () => Promise.resolve(7)],
    ['a rejected Promise', () => Promise.reject(new Error('later'))],
    ['a thenable', () => thenable((resolve: (value: number) => void) => resolve(7))],
    ['an Observable', () => of(1)],
    ['an Observable that fails', () => throwError(() => new Error('later'))],
  ])(
    'an attempt fails and its transaction is rolled back if the transaction handler returns %s',
    (_name, result) => {
      const { transactionHandler } = projection(({ seqNum }) => (seqNum === 2 ? result() : undefined));
      const { watcher, store, outcomes } = projecting({
        transactionHandler,
        retryStrategy: 'stop',
        maxRetries: 0,
      });
      expect(outcomes).toEqual(['1 handled 1']);
      expect(derivedFrom(store)).toEqual([1]);
      const { lastError } = watcher.stats();
      expect(lastError).toMatchObject({ seqNum: 2, cause: { faults: [{ path: 'transactionHandler' }] } });
      expect(lastError?.cause).toBeInstanceOf(InvalidOptionsError);
    },
  );

  it('a transaction handler can return a plain value, for example a Map', () => {
    const { transactionHandler } = projection(({ seqNum }) => new Map([[seqNum, seqNum]]));
    expect(projecting({ transactionHandler }).outcomes).toHaveLength(5);
  });

  it('an attempt fails if a transaction handler stores an invalid event, and a later use of its function storeEvent is rejected', () => {
    let retained: ((request: never) => unknown) | undefined;
    const { watcher, store } = projecting({
      transactionHandler: ({ seqNum }, { storeEvent }) => {
        retained = storeEvent;
        if (seqNum === 2) storeEvent({ operation: 'MOVE' } as never);
      },
    });
    expect(watcher.stats().lastError).toMatchObject({ seqNum: 2 });
    expect(watcher.stats().lastError?.cause).toBeInstanceOf(InvalidRequestError);
    expect(() => retained?.({ operation: 'CREATE', objectType: 'Job', object: 1 } as never)).toThrow(
      InvalidRequestError,
    );
    expect(note(store.getLatestSeqNum()).values).toEqual([5]);
  });
});
