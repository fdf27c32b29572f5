import { afterSequenceNumber } from 'rx-watcher';
import { defer, firstValueFrom, NEVER, type ObservableInput, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';

// A seek that waits for its own attempt never settles, so the test would time out.
const timeout = 3000;

type Handle = (seek: () => Promise<void>) => ObservableInput<unknown> | undefined;

const KINDS: [string, Handle][] = [
  ['an async function', (seek) => seek()],
  ['an async function after an await', (seek) => nextTurn().then(seek)],
  ['an async function that continues after the seek', (seek) => seek().then(nextTurn)],
  ['an Observable', (seek) => defer(() => nextTurn().then(seek))],
];

/** Seeks from inside the handler of the third of five events. The next attempt stays in flight. */
async function seekFromInside(to: number, handle: Handle) {
  const writes: number[] = [];
  const memory = createMemoryStore();
  const store: EventStore = {
    ...memory,
    storeCheckpoint(watcherId, seqNum) {
      writes.push(seqNum);
      return memory.storeCheckpoint(watcherId, seqNum);
    },
  };
  fillUp(store, 5);
  const seqNums: number[] = [];
  let sought = false;
  let onArrival = (): void => undefined;
  const arrival = new Promise<void>((resolve) => {
    onArrival = resolve;
  });
  const watcher: Watcher = createManager(store).create('w', {
    handler: ({ seqNum }) => {
      seqNums.push(seqNum);
      if (sought) {
        onArrival();
        return NEVER;
      }
      if (seqNum < 3) return;
      sought = true;
      return handle(() => watcher.seek(afterSequenceNumber(to)));
    },
  });
  const outcomes = firstValueFrom(watcher.outcomes$.pipe(take(3), toArray()));
  watcher.start();
  await arrival;
  const stored = await firstValueFrom(store.getCheckpoint('w'));
  return { watcher, seqNums, writes, stored, outcomes: await outcomes };
}

describe('a seek from inside a handler', { timeout }, () => {
  it.each(KINDS)(
    'a seek that a handler calls in %s does not wait for the attempt of that handler',
    async (_name, handle) => {
      const { watcher, seqNums, outcomes } = await seekFromInside(1, handle);
      expect(seqNums).toEqual([1, 2, 3, 2]);
      expect(outcomes.map(({ seqNum, status }) => `${seqNum} ${status}`)).toEqual([
        '1 handled',
        '2 handled',
        '3 handled',
      ]);
      expect(watcher.stats().state).toBe('running');
    },
  );

  it.each(KINDS)(
    'the outcome of an attempt does not overwrite the target of a seek that its handler calls in %s',
    async (_name, handle) => {
      const { writes, stored } = await seekFromInside(1, handle);
      expect(stored).toBe(1);
      expect(writes.at(-1)).toBe(1);
    },
  );

  it.each(KINDS)(
    'a seek to a later target that a handler calls in %s skips the events before that target',
    async (_name, handle) => {
      const { seqNums, stored } = await seekFromInside(4, handle);
      expect(seqNums).toEqual([1, 2, 3, 5]);
      expect(stored).toBe(4);
    },
  );

  it('an attempt fails if its handler calls seek with a target after the end of the log', async () => {
    const store = createMemoryStore();
    fillUp(store, 1);
    const watcher: Watcher = createManager(store).create('w', {
      autoStart: false,
      retryStrategy: 'skip',
      maxRetries: 0,
      handler: () => watcher.seek(afterSequenceNumber(9)),
    });
    const outcome = firstValueFrom(watcher.outcomes$);
    watcher.start();
    expect(await outcome).toMatchObject({ status: 'skipped', error: { cause: { code: 'ERR_CHECKPOINT' } } });
    expect(watcher.stats().state).toBe('running');
  });
});
