import { firstValueFrom, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { fillUp } from '../delivery/fill.ts';
import { asMarbles, withStore } from '../delivery/virtual-store.ts';
import { managed, statsWhen } from '../managed.ts';

/** Notes the batches it is given, and fails if there is poison in them. */
function poisoned(...poison: readonly number[]) {
  const batches: number[][] = [];
  const batchHandler = (events: readonly Event[]) => {
    batches.push(events.map(({ seqNum }) => seqNum));
    const found = events.find(({ seqNum }) => poison.includes(seqNum));
    if (found !== undefined) throw new Error(`poison ${found.seqNum}`);
  };
  return { batches, batchHandler };
}

/** A watcher of five events that come in one batch. */
function watcherOf(options: CreateWatcherOptions) {
  const all = managed({ events: 5, handler: undefined, checkpoint: 'auto', ...options });
  const told: string[] = [];
  all.watcher.outcomes$.subscribe(({ status, seqNum, attempts }) =>
    told.push(`${seqNum} ${status} ${attempts}`),
  );
  all.watcher.start();
  all.clock.advanceBy(0); // it looks whether there are more
  return { ...all, told };
}

describe('a batch that is given up', () => {
  it('is handed over event by event, and only poison is skipped', () => {
    const { batches, batchHandler } = poisoned(2, 4);
    const { told } = watcherOf({ batchHandler, retryStrategy: 'skip', maxRetries: 0 });
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1], [2], [3], [4], [5]]);
    expect(told).toEqual(['1 handled 1', '2 skipped 1', '3 handled 1', '4 skipped 1', '5 handled 1']);
  });

  it('has a dead letter for poison alone', async () => {
    const { batchHandler } = poisoned(2, 4);
    const { store, watcher } = watcherOf({ batchHandler, retryStrategy: 'deadLetter', maxRetries: 0 });
    expect((await statsWhen(watcher, ({ skipped }) => skipped === 2)).state).toBe('running');
    expect((await statsWhen(watcher, ({ handled }) => handled === 3)).state).toBe('running');
    const letters = await firstValueFrom(store.deadLetters('w').pipe(toArray()));
    expect(letters.map(({ seqNum }) => seqNum)).toEqual([2, 4]);
  });

  it('stops a watcher that stops at the poison, behind those before it', async () => {
    const { batches, batchHandler } = poisoned(3);
    const { told, watcher, stored } = watcherOf({ batchHandler, retryStrategy: 'stop', maxRetries: 0 });
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1], [2], [3]]);
    expect(told).toEqual(['1 handled 1', '2 handled 1']);
    expect(watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 3, attempts: 1 } });
    await nextTurn();
    expect(await stored()).toBe(2);
  });

  it('is told apart by a strategy of your own that errors, too', () => {
    const { batches, batchHandler } = poisoned(2);
    const { watcher } = watcherOf({ batchHandler, retryStrategy: (attempt) => attempt });
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1], [2]]);
    expect(watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 2 } });
  });

  it('is tried as often as may be first, and so is each of its events then', () => {
    const { batches, batchHandler } = poisoned(2);
    const { clock, told } = watcherOf({
      batchHandler,
      retryStrategy: 'skip',
      maxRetries: 1,
      initialBackoff: 10,
    });
    expect(batches).toEqual([[1, 2, 3, 4, 5]]);
    clock.advanceBy(10);
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1], [2]]);
    clock.advanceBy(10);
    expect(batches.slice(4)).toEqual([[2], [3], [4], [5]]);
    expect(told).toEqual(['1 handled 1', '2 skipped 2', '3 handled 1', '4 handled 1', '5 handled 1']);
  });

  it('is never given up by a watcher that blocks, unless the error is not worth a retry', () => {
    const { batches, batchHandler } = poisoned(2);
    const { clock, watcher } = watcherOf({ batchHandler, maxRetries: 0, initialBackoff: 1, maxBackoff: 1 });
    clock.advanceBy(5);
    expect(batches).toEqual(Array.from({ length: 6 }, () => [1, 2, 3, 4, 5]));
    expect(watcher.stats()).toMatchObject({ state: 'running', retries: 5, handled: 0 });

    const other = poisoned(2);
    const fatal = watcherOf({ batchHandler: other.batchHandler, retryIf: () => false });
    expect(other.batches).toEqual([[1, 2, 3, 4, 5], [1], [2]]);
    expect(fatal.watcher.stats()).toMatchObject({ state: 'failed', handled: 1, lastError: { seqNum: 2 } });
  });

  it(
    'of one event is not handed over once more',
    withStore(({ store, expectObservable, flush }) => {
      fillUp(store, 1);
      let calls = 0;
      const batchHandler = () => {
        calls++;
        return throwError(() => 'no');
      };
      const options = { batchHandler, retryStrategy: 'skip', maxRetries: 0 } as const;
      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe('a');
      flush();
      expect(calls).toBe(1);
    }),
  );
});
