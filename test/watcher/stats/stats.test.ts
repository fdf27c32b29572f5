import { EMPTY, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../../src/errors.ts';
import { latest } from '../../../src/event/event-iterator.ts';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { WatcherStats } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

const handler = () => EMPTY;
const positionAfter = (sequenceNumber: number) =>
  ({ type: 'after_sequence_number', sequenceNumber }) as const;

describe('the method stats() of a watcher', () => {
  it('before the first start, stats() returns counts of 0 and the initialEventIterator', () => {
    const { watcher } = managed({ initialEventIterator: latest() });
    expect(watcher.stats()).toEqual({
      id: 'w',
      state: 'idle',
      nextEventIterator: { type: 'latest' },
      checkpointIterator: { type: 'latest' },
      lastProcessedSeqNum: 0,
      handled: 0,
      skipped: 0,
      retries: 0,
      lag: expect.any(Number),
      lagTime: expect.any(Number),
    });
  });

  it('stats() returns positions, times and counts of a running watcher', async () => {
    const { clock, store, watcher, byHand } = managed({ events: 0 });
    clock.advanceBy(1000);
    fillUp(store, 3);
    clock.advanceBy(500);
    watcher.start();
    byHand.finish();
    await nextTurn();
    expect(watcher.stats()).toEqual({
      id: 'w',
      state: 'running',
      nextEventIterator: positionAfter(3),
      checkpointIterator: positionAfter(1),
      lastProcessedSeqNum: 1,
      lastProcessedEventTime: new Date(1000),
      lastListenTime: new Date(1500),
      handled: 1,
      skipped: 0,
      retries: 0,
      lag: 2,
      lagTime: 500,
    });
  });

  it('stats() returns the numbers of handled events, skipped events and retries of all runs', async () => {
    const fails: EventHandler = ({ objectType }, { attempt }) =>
      objectType === 'Bad' || attempt === 1 ? throwError(() => new Error('no')) : EMPTY;
    const options = { handler: fails, retryStrategy: 'skip', maxRetries: 2, initialBackoff: 10 } as const;
    const { clock, store, watcher } = managed({ events: 0, ...options });
    fill(store, 'Good', 'Bad', 'Good');
    watcher.start();
    clock.advanceBy(1000);
    const counts = ({ handled, skipped, retries, lastProcessedSeqNum }: WatcherStats) => ({
      handled,
      skipped,
      retries,
      lastProcessedSeqNum,
    });
    expect(counts(watcher.stats())).toEqual({ handled: 2, skipped: 1, retries: 4, lastProcessedSeqNum: 3 });

    await nextTurn();
    await watcher.stop();
    fill(store, 'Bad');
    watcher.start();
    clock.advanceBy(1000);
    expect(counts(watcher.stats())).toEqual({ handled: 2, skipped: 2, retries: 6, lastProcessedSeqNum: 4 });
  });

  it('stats() returns the last error of the handler even after a successful retry', async () => {
    const cause = new Error('no');
    const fails: EventHandler = (_event, { attempt }) => (attempt < 3 ? throwError(() => cause) : EMPTY);
    const { clock, watcher } = started({ events: 1, handler: fails, initialBackoff: 10 });
    expect(watcher.stats().lastError).toEqual(new EventHandlingError('w', 1, 1, cause));
    clock.advanceBy(10);
    expect(watcher.stats().lastError).toEqual(new EventHandlingError('w', 1, 2, cause));
    clock.advanceBy(20);
    expect(watcher.stats()).toMatchObject({ handled: 1, lastError: { attempts: 2, cause } });
  });

  it('stats() returns positions after excluded events, but does not count excluded events in lastProcessedSeqNum', async () => {
    const { clock, store, watcher } = managed({ events: 0, handler, filter: { objectTypes: ['Job'] } });
    fill(store, 'Job', 'Run', 'Run');
    watcher.start();
    clock.advanceBy(1000);
    await nextTurn();
    expect(watcher.stats()).toMatchObject({
      lastProcessedSeqNum: 1,
      handled: 1,
      nextEventIterator: positionAfter(3),
      checkpointIterator: positionAfter(3),
    });
  });

  it('stats() returns the time of the last read as lastListenTime', () => {
    const { clock, store, watcher } = started({ events: 0, handler });
    clock.advanceBy(700);
    expect(watcher.stats().lastListenTime).toEqual(new Date(0));
    fillUp(store, 1);
    clock.advanceBy(0);
    expect(watcher.stats().lastListenTime).toEqual(new Date(700));
  });

  it('stats() returns an object that does not change afterwards', () => {
    const { watcher, byHand } = started();
    const before = watcher.stats();
    byHand.finish();
    expect(before.handled).toBe(0);
    expect(watcher.stats().handled).toBe(1);
  });
});
