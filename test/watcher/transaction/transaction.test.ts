import { filter } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import {
  countingTransactions,
  derivedFrom,
  JOBS,
  projecting,
  projection,
} from '../../support/watcher/projection.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

describe('a watcher with a transaction handler', () => {
  it(
    'a transaction handler handles events in virtual time, and the checkpoint is stored before the outcomes are emitted',
    withStore(({ store, hot, expectObservable, flush }) => {
      hot('             -1--2-|').subscribe((count) => fillUp(store, Number(count)));
      const expected = '-1--(34)-';
      const { transactionHandler } = projection();
      const stored = () => note(store.getCheckpoint('w')).values[0] ?? 0;
      const outcomes = watch(store, 'w', { transactionHandler, filter: JOBS }).pipe(
        filter(({ seqNum }) => stored() >= seqNum),
        asMarbles,
      );
      // The handler stores event 2 when it handles event 1. The filter excludes event 2.
      expectObservable(outcomes, '^--------!').toBe(expected);
      flush();
      expect(derivedFrom(store)).toEqual([1, 3, 4]);
    }),
  );

  it.each<[string, WatcherOptions, number[]]>([
    ['no options', {}, [1000, 1000, 500]],
    ['maxBatch', { maxBatch: 900 }, [900, 900, 700]],
    ['a smaller bufferSize', { bufferSize: 800 }, [800, 800, 800, 100]],
  ])('a transaction contains at most the permitted number of events: %s', (_name, options, sizes) => {
    withStore(({ store, flush }) => {
      fillUp(store, 2500);
      const { transactionHandler } = projection();
      const counting = countingTransactions(store);
      watch(counting.store, 'w', { transactionHandler, filter: JOBS, ...options }).subscribe();
      flush();
      expect(counting.counts.filter((count) => count > 0)).toEqual(sizes);
    })();
  });

  it(
    'outcomes of events in transactions are emitted in order, each after the commit of its event',
    withStore(({ store, expectObservable }) => {
      fillUp(store, 3);
      const { transactionHandler } = projection(() => {
        expect(note(store.getCheckpoint('w')).values).toEqual([0]);
      });
      expectObservable(watch(store, 'w', { transactionHandler, filter: JOBS }).pipe(asMarbles)).toBe('(123)');
    }),
  );

  it('a transaction handler receives the number of the attempt and the id of the watcher', () => {
    const contexts: unknown[] = [];
    projecting({
      transactionHandler: (_event, { attempt, watcherId }) => {
        contexts.push({ attempt, watcherId });
      },
    });
    expect(contexts).toEqual(Array(5).fill({ attempt: 1, watcherId: 'w' }));
  });

  it('an excluded event counts as processed only after the transaction of the events before it is committed', () => {
    const { calls, transactionHandler } = projection();
    const { clock, watcher, store } = projecting({ transactionHandler, maxWait: 10 });
    fill(store, 'Job', 'Other');
    clock.advanceBy(0);
    const { values } = note(watcher.whenProcessed(7));
    expect([calls, values]).toEqual([[], []]);
    clock.advanceBy(10);
    expect(calls).toEqual(['1/1', '2/1', '3/1', '4/1', '5/1', '6/1']);
    expect(values).toEqual([7]);
  });

  it('a watcher with a transaction handler reports counts of events, lag and progress like any other watcher', async () => {
    const { transactionHandler } = projection();
    const { watcher, outcomes, store } = projecting({ transactionHandler });
    expect(outcomes).toEqual([1, 2, 3, 4, 5].map((seqNum) => `${seqNum} handled 1`));
    expect(watcher.stats()).toMatchObject({
      state: 'running',
      handled: 5,
      retries: 0,
      lastProcessedSeqNum: 5,
    });
    expect(note(watcher.whenProcessed(5)).values).toEqual([5]);
    expect(note(watcher.caughtUp$).values.at(-1)).toBe(true);
    await watcher.stop();
    // Progress past the events of the handler itself, which the filter excludes, is stored, too.
    expect(note(store.getCheckpoint('w')).values).toEqual([10]);
  });
});
