import fc from 'fast-check';
import { EMPTY, firstValueFrom, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { Outcome } from '../../../src/handling/outcome.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill } from '../../support/watcher/fill.ts';

const TYPES = ['Job', 'Run', 'Node'];

const aCase = fc.record({
  pages: fc.array(fc.array(fc.constantFrom(...TYPES), { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
  objectTypes: fc.subarray(TYPES),
  batchSize: fc.integer({ min: 1, max: 6 }),
  bufferSize: fc.integer({ min: 1, max: 6 }),
  retryStrategy: fc.constantFrom('block' as const, 'skip' as const),
  maxRetries: fc.integer({ min: 0, max: 3 }),
  failures: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 7 }),
  restartAfter: fc.subarray([0, 1, 2, 3]),
  failingWrites: fc.subarray([1, 2, 3, 4, 5, 6]),
});
type Case = typeof aCase extends fc.Arbitrary<infer C> ? C : never;

/** Appends pages of events to the log of a watcher, one after another, and restarts the watcher after some pages. */
async function run({ pages, objectTypes, restartAfter, failures, failingWrites, ...options }: Case) {
  const clock = new VirtualClock();
  const outcomes: Outcome[] = [];
  const writes: { seqNum: number; done: number }[] = [];
  let done = 0;
  const memory = createMemoryStore({ scheduler: clock });
  const store: EventStore = {
    ...memory,
    storeCheckpoint(watcherId, seqNum) {
      writes.push({ seqNum, done });
      if (failingWrites.includes(writes.length)) return Promise.reject(new Error('disk full'));
      return memory.storeCheckpoint(watcherId, seqNum);
    },
  };
  const failuresOf = (seqNum: number) => failures[seqNum % failures.length] as number;
  const handler: EventHandler = ({ seqNum }, { attempt }) => {
    const fails = attempt <= failuresOf(seqNum);
    const isLast = !fails || (options.retryStrategy === 'skip' && attempt > options.maxRetries);
    if (isLast) done = seqNum;
    return fails ? throwError(() => new Error('no')) : EMPTY;
  };
  const watcher = createManager(store).create('w', {
    ...options,
    handler,
    filter: { objectTypes },
    initialBackoff: 1,
    maxBackoff: 4,
    autoStart: true,
  });
  watcher.outcomes$.subscribe((outcome) => outcomes.push(outcome));

  const settle = async () => {
    for (let round = 0; round < 8; round++) {
      clock.advanceBy(1000);
      await nextTurn();
    }
  };
  for (const [index, page] of pages.entries()) {
    fill(store, ...page);
    await settle();
    if (!restartAfter.includes(index)) continue;
    await watcher.stop();
    watcher.start();
  }
  await settle();
  const types = pages.flat();
  const isMatching = (seqNum: number) =>
    objectTypes.length === 0 || objectTypes.includes(types[seqNum - 1] as string);
  const matching = types.map((_type, index) => index + 1).filter(isMatching);
  return {
    outcomes,
    writes,
    matching,
    failuresOf,
    checkpoint: await firstValueFrom(store.getCheckpoint('w')),
  };
}

describe('a watcher with random options, failures and restarts', () => {
  it('a watcher with random options, failures and restarts handles or skips each matching event exactly once, in order', () =>
    fc.assert(
      fc.asyncProperty(aCase, async (testCase) => {
        const { outcomes, matching } = await run(testCase);
        expect(outcomes.map(({ seqNum }) => seqNum)).toEqual(matching);
      }),
      { numRuns: 60 },
    ));

  it('a watcher with random options makes exactly the permitted number of attempts at each event', () =>
    fc.assert(
      fc.asyncProperty(aCase, async (testCase) => {
        const { outcomes, failuresOf } = await run(testCase);
        for (const { seqNum, status, attempts } of outcomes) {
          const failures = failuresOf(seqNum);
          const skipped = testCase.retryStrategy === 'skip' && failures > testCase.maxRetries;
          expect({ status, attempts }).toEqual(
            skipped
              ? { status: 'skipped', attempts: testCase.maxRetries + 1 }
              : { status: 'handled', attempts: failures + 1 },
          );
        }
      }),
      { numRuns: 60 },
    ));

  it('a watcher with random options never lowers its checkpoint or moves it past an unhandled event, and reaches the end of the log', () =>
    fc.assert(
      fc.asyncProperty(aCase, async (testCase) => {
        const { writes, matching, checkpoint } = await run(testCase);
        let before = 0;
        for (const { seqNum, done } of writes) {
          expect(seqNum).toBeGreaterThanOrEqual(before);
          expect(matching.filter((n) => n <= seqNum && n > done)).toEqual([]);
          before = seqNum;
        }
        expect(checkpoint ?? 0).toBe(testCase.pages.flat().length);
      }),
      { numRuns: 60 },
    ));
});
