import { catchError, EMPTY, firstValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SequenceTrimmedError, StoreError, type WatcherLibraryError } from '../../../src/errors.ts';
import {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  type EventIterator,
  latest,
  trimHorizon,
} from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import type { Logger } from '../../../src/store/reporting/logger.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { faultyStore } from '../../../src/testing/faulty-store.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { trimmableStore } from '../../support/watcher/log-stores.ts';
import { started } from '../../support/watcher/managed-watcher.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

interface StartOptions {
  readonly from?: EventIterator;
  readonly checkpoint?: number;
  readonly ephemeral?: boolean;
}

describe('a watcher that starts', () => {
  // Three events are stored before the start, and a fourth one five milliseconds later.
  it.each<[string, StartOptions, string]>([
    ['the oldest event by default', {}, '(123)4'],
    ['the oldest event for trimHorizon()', { from: trimHorizon() }, '(123)4'],
    ['the next new event for latest()', { from: latest() }, '-----4'],
    ['event 2 for atSequenceNumber(2)', { from: atSequenceNumber(2) }, '(23)-4'],
    ['event 3 for afterSequenceNumber(2)', { from: afterSequenceNumber(2) }, '3----4'],
    ['the oldest event for atSequenceNumber(0)', { from: atSequenceNumber(0) }, '(123)4'],
    ['the oldest event for afterSequenceNumber(0)', { from: afterSequenceNumber(0) }, '(123)4'],
    ['the next new event for atSequenceNumber(4)', { from: atSequenceNumber(4) }, '-----4'],
    ['the next new event for afterSequenceNumber(3)', { from: afterSequenceNumber(3) }, '-----4'],
    ['the next new event for atSequenceNumber(100)', { from: atSequenceNumber(100) }, '-----4'],
    ['the next new event for afterSequenceNumber(4)', { from: afterSequenceNumber(4) }, '-----4'],
    ['the event after its checkpoint', { checkpoint: 1 }, '(23)-4'],
    ['the event after its checkpoint, despite latest()', { checkpoint: 2, from: latest() }, '3----4'],
    ['the oldest event for a checkpoint of 0', { checkpoint: 0, from: latest() }, '(123)4'],
    ['the next new event for a checkpoint of 3', { checkpoint: 3 }, '-----4'],
    [
      'the oldest event, despite a checkpoint, if the watcher is ephemeral',
      { checkpoint: 2, ephemeral: true },
      '(123)4',
    ],
  ])(
    'in a log of three events, a watcher begins with %s',
    (_name, { from, checkpoint, ephemeral }, expected) => {
      withStore(({ store, hot, expectObservable }) => {
        fill(store, 'Job', 'Job', 'Job');
        if (checkpoint !== undefined) void store.storeCheckpoint('w', checkpoint);
        hot('-----x').subscribe(() => fill(store, 'Job'));
        const options = { handler: () => EMPTY, initialEventIterator: from, ephemeral };

        expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe(expected);
      })();
    },
  );

  it.each<[string, string, EventIterator, number]>([
    ['a warning', 'a number after the end of the log', atSequenceNumber(100), 1],
    ['a warning', 'the position after a number that is not assigned', afterSequenceNumber(4), 1],
    ['no warning', 'the next number', atSequenceNumber(4), 0],
    ['no warning', 'the position after the last number', afterSequenceNumber(3), 0],
    ['no warning', 'latest()', latest(), 0],
  ])(
    'a watcher logs %s about its start position if initialEventIterator is %s',
    (_log, _name, from, expected) => {
      const warnings: string[] = [];
      const ignore = () => undefined;
      const logger: Logger = {
        debug: ignore,
        info: ignore,
        error: ignore,
        warn: (message) => warnings.push(message),
      };
      withStore(
        ({ store, flush }) => {
          fill(store, 'Job', 'Job', 'Job');
          watch(store, 'mailer', { handler: () => EMPTY, initialEventIterator: from }).subscribe();
          flush();
          expect(warnings).toHaveLength(expected);
          for (const warning of warnings) expect(warning).toContain('mailer');
        },
        { logger },
      )();
    },
  );

  it(
    'a watcher errors with a CheckpointError if its checkpoint is after the end of the log',
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job', 'Job', 'Job');
      void store.storeCheckpoint('w', 4);
      hot('--x').subscribe(() => fill(store, 'Job'));
      const codes = watch(store, 'w', { handler: () => EMPTY }).pipe(
        catchError((error: WatcherLibraryError) => of(error.code)),
      );

      expectObservable(codes).toBe('(c|)', { c: 'ERR_CHECKPOINT' });
    }),
  );
});

describe('a watcher without a checkpoint', () => {
  it.each<[string, EventIterator, number]>([
    ['trimHorizon()', trimHorizon(), 0],
    ['latest()', latest(), 3],
    ['atSequenceNumber(2)', atSequenceNumber(2), 1],
    ['atTimestamp()', atTimestamp(new Date(0)), 0],
    ['afterSequenceNumber(9)', afterSequenceNumber(9), 3],
  ])(
    'a watcher without a checkpoint stores %s as its start position before it handles an event',
    async (_name, from, expected) => {
      const { store, watcher, stored } = started({ initialEventIterator: from });
      expect(await stored()).toBe(expected);
      expect(watcher.stats().checkpointIterator).toEqual(afterSequenceNumber(expected));
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(expected);
    },
  );

  it('a watcher stores its start position even if checkpoints are manual', async () => {
    const { stored } = started({ initialEventIterator: latest(), checkpoint: 'manual' });
    expect(await stored()).toBe(3);
  });

  it('a watcher delivers events that were stored while it was stopped, even if it had not handled any event before', async () => {
    const { store, watcher, byHand } = started({ initialEventIterator: latest() });
    await watcher.stop();
    fillUp(store, 1);
    watcher.start();
    expect(byHand.seqNums).toEqual([4]);
  });

  it('a watcher delivers its first event again after it has failed at that event', async () => {
    const options = { initialEventIterator: latest(), retryStrategy: 'stop', maxRetries: 0 } as const;
    const { store, watcher, byHand } = started(options);
    fillUp(store, 1);
    byHand.fail('no');
    await nextTurn();
    expect(watcher.stats()).toMatchObject({ state: 'failed', lag: 1 });
    watcher.start();
    expect(byHand.seqNums).toEqual([4, 4]);
  });

  it('a watcher does not skip events that are stored while the write of its start position fails', async () => {
    const clock = new VirtualClock();
    const memory = createMemoryStore({ scheduler: clock });
    const full = { method: 'storeCheckpoint', calls: 1, error: new StoreError('disk full') } as const;
    const store = faultyStore(memory, [full]);
    const byHand = new ManualHandler();
    fillUp(store, 3);
    watch(store, 'w', { handler: byHand.handler, initialEventIterator: latest() }).subscribe();
    await nextTurn();
    fillUp(store, 2);
    clock.advanceBy(200);
    await nextTurn();
    expect(byHand.seqNums).toEqual([4]);
    expect(await firstValueFrom(memory.getCheckpoint('w'))).toBe(3);
  });

  it('a watcher stores no checkpoint if its start position is before events that were trimmed', async () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 5);
    trim(3);
    const options = { handler: () => EMPTY, initialEventIterator: afterSequenceNumber(0) };
    const failed = firstValueFrom(watch(store, 'w', options));
    await expect(failed).rejects.toThrow(SequenceTrimmedError);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBeUndefined();
  });

  it('a watcher starts with the oldest remaining event if events are trimmed while it stores its start position', async () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 5);
    const storeCheckpoint: EventStore['storeCheckpoint'] = (id, seqNum) => {
      if (seqNum === 0) trim(2);
      return store.storeCheckpoint(id, seqNum);
    };
    const byHand = new ManualHandler();
    watch({ ...store, storeCheckpoint }, 'w', { handler: byHand.handler }).subscribe();
    expect(byHand.seqNums).toEqual([3]);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);
  });
});

it('a watcher starts even if its logger throws an error', async () => {
  const broken = () => {
    throw new Error('no room for logs');
  };
  const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken };
  const store = createMemoryStore({ scheduler: new VirtualClock(), logger });
  fillUp(store, 1);
  const byHand = new ManualHandler();
  watch(store, 'w', { handler: byHand.handler, initialEventIterator: atSequenceNumber(9) }).subscribe();
  fillUp(store, 1);
  expect(byHand.seqNums).toEqual([2]);
});
