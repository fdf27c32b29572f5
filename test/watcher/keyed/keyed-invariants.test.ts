import fc from 'fast-check';
import { firstValueFrom, map, Observable, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { Outcome } from '../../../src/handling/outcome.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { fillKeys, keyOf } from './lanes-by-hand.ts';

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

/** Which of a list an event has. */
const nth = (list: readonly number[], seqNum: number) => list[seqNum % list.length] as number;

/** Runs a watcher over pages that come one after another, and stops it somewhere in the middle of some. */
async function run({ pages, restartAfter, failures, durations, ...options }: Case) {
  const clock = new VirtualClock();
  const outcomes: Outcome[] = [];
  const attempts: { seqNum: number; key: string }[] = [];
  const done = new Set<number>();
  const early: number[] = [];
  let running = 0;
  let most = 0;
  const memory = createMemoryStore({ scheduler: clock });
  const store: EventStore = {
    ...memory,
    storeCheckpoint(watcherId, seqNum) {
      for (let n = 1; n <= seqNum; n++) if (!done.has(n)) early.push(n);
      return memory.storeCheckpoint(watcherId, seqNum);
    },
  };
  const handler: EventHandler = (event, { attempt }) => {
    const { seqNum } = event;
    attempts.push({ seqNum, key: keyOf(event) });
    most = Math.max(most, ++running);
    const fails = attempt <= nth(failures, seqNum);
    const settle = () => {
      running--;
      if (fails && !(options.retryStrategy === 'skip' && attempt > options.maxRetries)) throw new Error('no');
      done.add(seqNum);
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
  for (let round = 0; round < 1000 && (done.size < count || running > 0); round++) clock.advanceBy(100);
  for (let round = 0; round < 4; round++) {
    clock.advanceBy(1000);
    await nextTurn();
  }
  const checkpoint = (await firstValueFrom(store.getCheckpoint('w'))) ?? 0;
  return { keys: [...pages.join('')], outcomes, attempts, early, most, checkpoint };
}

describe('whatever the keys, the failures and the durations', () => {
  it('each event is handled or skipped, in the order of its key, and the checkpoint never gets ahead', () =>
    fc.assert(
      fc.asyncProperty(aCase, async (given) => {
        const { keys, outcomes, attempts, early, most, checkpoint } = await run(given);
        expect(early).toEqual([]);
        expect(checkpoint).toBe(keys.length);
        expect(most).toBeLessThanOrEqual(given.concurrency);
        expect(new Set(outcomes.map(({ seqNum }) => seqNum)).size).toBe(keys.length);

        const isRestarted = given.restartAfter.length > 0;
        for (const key of new Set(keys)) {
          const mine = attempts.filter((attempt) => attempt.key === key).map(({ seqNum }) => seqNum);
          const wanted = keys.flatMap((each, index) => (each === key ? [index + 1] : []));
          expect([...new Set(mine)]).toEqual(wanted);
          // What was done behind the checkpoint may be handed over again behind a restart, and only then.
          if (!isRestarted) expect(mine).toEqual([...mine].sort((a, b) => a - b));
        }
        if (!isRestarted) expect(outcomes).toHaveLength(keys.length);
      }),
      { numRuns: 100 },
    ));
});
