import fc from 'fast-check';
import {
  createManager,
  type Event,
  type HandlerTransaction,
  InvalidStateError,
  trimHorizon,
  type Watcher,
} from 'rx-watcher';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { seqNums } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { derivedFrom, JOBS } from '../../support/watcher/projection.ts';

const KINDS = ['handler', 'batchHandler', 'transactionHandler'] as const;

/** Commands of the application, and numbers of milliseconds for which it waits. */
const anyStep = fc.oneof(
  fc.constantFrom('append', 'start', 'start', 'stop', 'pause', 'resume', 'resume'),
  fc.constantFrom(0, 0, 10, 1000),
);

/** Actions of the handler in its successive calls. In all later calls, the handler only handles the event. */
const anyActions = fc.array(fc.constantFrom('handle', 'handle', 'handle', 'pause', 'stop', 'throw'));

/** Waits for a few turns of the event loop. Returns whether the Promise has been resolved by then. */
async function isResolvedSoon(promise: Promise<unknown>): Promise<boolean> {
  let isResolved = false;
  void promise.then(() => {
    isResolved = true;
  });
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  return isResolved;
}

/** Calls a command of a watcher. Ignores the error of a command that the state of the watcher does not permit. */
function command(watcher: Watcher, name: 'start' | 'pause' | 'resume'): void {
  try {
    watcher[name]();
  } catch (error) {
    if (!(error instanceof InvalidStateError)) throw error;
  }
}

/** Creates a watcher with one kind of synchronous handler, which acts as `actions` require. */
function createActing(kind: (typeof KINDS)[number], actions: readonly string[], maxBatch: number) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  const handled = new Set<number>();
  let calls = 0;
  const handle = ({ seqNum }: Event): undefined => {
    const action = actions[calls++];
    if (action === 'throw') throw new Error('no');
    if (action === 'pause') command(watcher, 'pause');
    if (action === 'stop') void watcher.stop();
    handled.add(seqNum);
  };
  const handlers = {
    handler: { handler: handle },
    batchHandler: { batchHandler: (batch: readonly Event[]) => batch.forEach(handle), maxBatch },
    transactionHandler: {
      transactionHandler(event: Event, { storeEvent }: HandlerTransaction) {
        storeEvent({ operation: 'CREATE', objectType: 'Derived', object: event.seqNum });
        return handle(event);
      },
      maxBatch,
    },
  };
  const options = { ...handlers[kind], filter: JOBS, initialBackoff: 10 };
  const watcher: Watcher = createManager(store).create('w', options);
  return { clock, store, watcher, handled };
}

test.each(KINDS)(
  'a watcher with a %s ends each stop, and handles all events, after any sequence of commands',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 30, size: 'max' }),
        anyActions,
        fc.integer({ min: 1, max: 4 }),
        async (steps, actions, maxBatch) => {
          const { clock, store, watcher, handled } = createActing(kind, actions, maxBatch);
          for (const step of [...steps, 'append'] as const) {
            if (typeof step === 'number') clock.advanceBy(step);
            else if (step === 'append') fillUp(store, 3);
            else if (step !== 'stop') command(watcher, step);
            else expect(await isResolvedSoon(watcher.stop())).toBe(true);
            await nextTurn();
          }
          const jobs = seqNums(note(store.events(trimHorizon(), { live: false, filter: JOBS })).values);
          for (let round = 0; round < 100 && jobs.some((seqNum) => !handled.has(seqNum)); round++) {
            command(watcher, 'start');
            command(watcher, 'resume');
            clock.advanceBy(1000);
            await nextTurn();
          }
          expect(await isResolvedSoon(watcher.stop())).toBe(true);
          expect([...handled].sort((a, b) => a - b)).toEqual(jobs);
          if (kind === 'transactionHandler') expect(derivedFrom(store)).toEqual(jobs);
        },
      ),
      { numRuns: 300 },
    );
  },
);
