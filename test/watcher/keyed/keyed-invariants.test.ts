import fc from 'fast-check';
import { firstValueFrom, map, Observable, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { Outcome } from '../../../src/handling/outcome.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';

const aCase = fc.record({
  pages: fc.array(fc.string({ unit: fc.constantFrom(...'abcd'), maxLength: 15 }), {
    minLength: 1,
    maxLength: 4,
  }),
  concurrency: fc.integer({ min: 2, max: 5 }),
  batchSize: fc.integer({ min: 1, max: 6 }),
  bufferSize: fc.integer({ min: 1, max: 8 }),
  retryStrategy: fc.constantFrom('block' as const, 'skip' as const),
  maxRetries: fc.integer({ min: 0, max: 2 }),
  failures: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 7 }),
  durations: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 11 }),
  restartAfter: fc.subarray([0, 1, 2, 3]),
});
type Case = typeof aCase extends fc.Arbitrary<infer C> ? C : never;

/** Returns the list element for an event. The list is repeated for later events. */
const nth = (list: readonly number[], seqNum: number) => list[seqNum % list.length] as number;

/** Appends pages of events to the log of a watcher, one after another, and restarts the watcher during some pages. */
async function run({ pages, restartAfter, failures, durations, ...options }: Case) {
  const clock = new VirtualClock();
  const outcomes: Outcome[] = [];
  const attempts: { seqNum: number; key: string }[] = [];
  const settled = new Set<number>();
  const unsettled: number[] = [];
  let running = 0;
  let maxRunning = 0;
  const memory = createMemoryStore({ scheduler: clock });
  const store: EventStore = {
    ...memory,
    storeCheckpoint(watcherId, seqNum) {
      for (let n = 1; n <= seqNum; n++) if (!settled.has(n)) unsettled.push(n);
      return memory.storeCheckpoint(watcherId, seqNum);
    },
  };
  const handler: EventHandler = (event, { attempt }) => {
    const { seqNum } = event;
    attempts.push({ seqNum, key: keyOf(event) });
    maxRunning = Math.max(maxRunning, ++running);
    const fails = attempt <= nth(failures, seqNum);
    const settle = () => {
      running--;
      if (fails && !(options.retryStrategy === 'skip' && attempt > options.maxRetries)) throw new Error('no');
      settled.add(seqNum);
      if (fails) throw new Error('no');
    };
    const duration = nth(durations, seqNum);
    return duration > 0
      ? timer(duration, clock).pipe(map(settle))
      : new Observable((subscriber) => {
          settle();
          subscriber.complete();
        });
  };
  const watcher = createManager(store).create('w', {
    ...options,
    handler,
    keyOf,
    initialBackoff: 1,
    maxBackoff: 4,
    autoStart: true,
  });
  watcher.outcomes$.subscribe((outcome) => outcomes.push(outcome));
  for (const [index, page] of pages.entries()) {
    fillKeys(store, page);
    clock.advanceBy(20);
    if (!restartAfter.includes(index)) continue;
    const stopped = watcher.stop();
    clock.advanceBy(100);
    await stopped;
    watcher.start();
  }
  const count = pages.join('').length;
  for (let round = 0; round < 1000 && (settled.size < count || running > 0); round++) clock.advanceBy(100);
  for (let round = 0; round < 4; round++) {
    clock.advanceBy(1000);
    await nextTurn();
  }
  const checkpoint = (await firstValueFrom(store.getCheckpoint('w'))) ?? 0;
  return { keys: [...pages.join('')], outcomes, attempts, unsettled, maxRunning, checkpoint };
}

describe('a keyed watcher with random keys, failures and durations', () => {
  it('a keyed watcher settles the events of each key in order, and never stores a checkpoint past an unsettled event', () =>
    fc.assert(
      fc.asyncProperty(aCase, async (testCase) => {
        const { keys, outcomes, attempts, unsettled, maxRunning, checkpoint } = await run(testCase);
        expect(unsettled).toEqual([]);
        expect(checkpoint).toBe(keys.length);
        expect(maxRunning).toBeLessThanOrEqual(testCase.concurrency);
        expect(new Set(outcomes.map(({ seqNum }) => seqNum)).size).toBe(keys.length);

        const isRestarted = testCase.restartAfter.length > 0;
        for (const key of new Set(keys)) {
          const delivered = attempts.filter((attempt) => attempt.key === key).map(({ seqNum }) => seqNum);
          const expected = keys.flatMap((each, index) => (each === key ? [index + 1] : []));
          expect([...new Set(delivered)]).toEqual(expected);
          // A restart delivers events after the checkpoint again. Without a restart, deliveries are in order.
          if (!isRestarted) expect(delivered).toEqual([...delivered].sort((a, b) => a - b));
        }
        if (!isRestarted) expect(outcomes).toHaveLength(keys.length);
      }),
      { numRuns: 100 },
    ));
});
