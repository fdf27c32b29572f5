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
import { faultyStore } from '../../../src/testing/faulty-store.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { ByHand } from '../by-hand.ts';
import { managed } from '../managed.ts';
import { fill, fillUp } from './fill.ts';
import { trimmableStore } from './log-stores.ts';
import { asMarbles, withStore } from './virtual-store.ts';

interface Given {
  readonly from?: EventIterator;
  readonly checkpoint?: number;
  readonly ephemeral?: boolean;
}

describe('a watcher begins', () => {
  // Three events are there when it starts, and a fourth comes three milliseconds later.
  it.each<[string, Given, string]>([
    ['at the oldest, unless it is told otherwise', {}, '             (123)4'],
    ['at the oldest', { from: trimHorizon() }, '                         (123)4'],
    ['behind the latest', { from: latest() }, '                          -----4'],
    ['at a number', { from: atSequenceNumber(2) }, '                     (23)-4'],
    ['after a number', { from: afterSequenceNumber(2) }, '               3----4'],
    ['at number 0, the beginning', { from: atSequenceNumber(0) }, '      (123)4'],
    ['after number 0, the beginning', { from: afterSequenceNumber(0) }, '(123)4'],
    ['at the number that comes next', { from: atSequenceNumber(4) }, '   -----4'],
    ['after the latest number', { from: afterSequenceNumber(3) }, '      -----4'],
    ['at the latest for a number beyond the log', { from: atSequenceNumber(100) }, '       -----4'],
    ['at the latest for a number after the log', { from: afterSequenceNumber(4) }, '       -----4'],
    ['after its checkpoint', { checkpoint: 1 }, '                        (23)-4'],
    ['after its checkpoint, whatever it is told', { checkpoint: 2, from: latest() }, '     3----4'],
    ['after a checkpoint of 0', { checkpoint: 0, from: latest() }, '     (123)4'],
    ['after a checkpoint at the latest', { checkpoint: 3 }, '            -----4'],
    ['where it is told if it is ephemeral', { checkpoint: 2, ephemeral: true }, '          (123)4'],
  ])('%s', (_name, { from, checkpoint, ephemeral }, expected) => {
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job', 'Job', 'Job');
      if (checkpoint !== undefined) void store.storeCheckpoint('w', checkpoint);
      hot('-----x').subscribe(() => fill(store, 'Job'));
      const options = { handler: () => EMPTY, initialEventIterator: from, ephemeral };

      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe(expected.trim());
    })();
  });

  it.each<[string, EventIterator, number]>([
    ['a number beyond the log', atSequenceNumber(100), 1],
    ['a number after the log', afterSequenceNumber(4), 1],
    ['the number that comes next', atSequenceNumber(4), 0],
    ['the latest number', afterSequenceNumber(3), 0],
    ['the latest', latest(), 0],
  ])('with a warning only where that is not where it was told: %s', (_name, from, expected) => {
    const warnings: string[] = [];
    const quiet = () => undefined;
    const logger: Logger = {
      debug: quiet,
      info: quiet,
      error: quiet,
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
  });

  it(
    'not at all with a checkpoint beyond the log',
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
    ['the oldest', trimHorizon(), 0],
    ['the latest', latest(), 3],
    ['a number', atSequenceNumber(2), 1],
    ['a time', atTimestamp(new Date(0)), 0],
    ['a number beyond the log', afterSequenceNumber(9), 3],
  ])('stores the position where it begins before it handles an event: %s', async (_name, from, expected) => {
    const { store, watcher, stored } = managed({ initialEventIterator: from });
    watcher.start();
    expect(await stored()).toBe(expected);
    expect(watcher.stats().checkpointIterator).toEqual(afterSequenceNumber(expected));
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(expected);
  });

  it('stores it even if its checkpoints are manual', async () => {
    const { watcher, stored } = managed({ initialEventIterator: latest(), checkpoint: 'manual' });
    watcher.start();
    expect(await stored()).toBe(3);
  });

  it('is given what was stored while it was stopped, though it had handled nothing', async () => {
    const { store, watcher, byHand } = managed({ initialEventIterator: latest() });
    watcher.start();
    await watcher.stop();
    fillUp(store, 1);
    watcher.start();
    expect(byHand.seqNums).toEqual([4]);
  });

  it('is given the first event again after it failed over it', async () => {
    const options = { initialEventIterator: latest(), retryStrategy: 'stop', maxRetries: 0 } as const;
    const { store, watcher, byHand } = managed(options);
    watcher.start();
    fillUp(store, 1);
    byHand.fail('no');
    await nextTurn();
    expect(watcher.stats()).toMatchObject({ state: 'failed', lag: 1 });
    watcher.start();
    expect(byHand.seqNums).toEqual([4, 4]);
  });

  it('keeps its position while the store does not take it: later events are not skipped', async () => {
    const clock = new VirtualClock();
    const memory = createMemoryStore({ scheduler: clock });
    const full = { method: 'storeCheckpoint', calls: 1, error: new StoreError('disk full') } as const;
    const store = faultyStore(memory, [full]);
    const byHand = new ByHand();
    fillUp(store, 3);
    watch(store, 'w', { handler: byHand.handler, initialEventIterator: latest() }).subscribe();
    await nextTurn();
    fillUp(store, 2);
    clock.advanceBy(200);
    await nextTurn();
    expect(byHand.seqNums).toEqual([4]);
    expect(await firstValueFrom(memory.getCheckpoint('w'))).toBe(3);
  });

  it('stores nothing if it is to begin at an event that is gone', async () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 5);
    trim(3);
    const options = { handler: () => EMPTY, initialEventIterator: afterSequenceNumber(0) };
    const failed = firstValueFrom(watch(store, 'w', options));
    await expect(failed).rejects.toThrow(SequenceTrimmedError);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBeUndefined();
  });

  it('begins at what is left if the oldest events are trimmed while it stores its position', async () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 5);
    const storeCheckpoint: EventStore['storeCheckpoint'] = (id, seqNum) => {
      if (seqNum === 0) trim(2);
      return store.storeCheckpoint(id, seqNum);
    };
    const byHand = new ByHand();
    watch({ ...store, storeCheckpoint }, 'w', { handler: byHand.handler }).subscribe();
    expect(byHand.seqNums).toEqual([3]);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);
  });
});

it('a watcher begins even if its logger throws', async () => {
  const broken = () => {
    throw new Error('no room for logs');
  };
  const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken };
  const store = createMemoryStore({ scheduler: new VirtualClock(), logger });
  fillUp(store, 1);
  const byHand = new ByHand();
  watch(store, 'w', { handler: byHand.handler, initialEventIterator: atSequenceNumber(9) }).subscribe();
  fillUp(store, 1);
  expect(byHand.seqNums).toEqual([2]);
});
