import { EMPTY, filter, firstValueFrom, NEVER, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Runs a watcher to the end of the log. Returns the watcher and its stored checkpoint. */
const runToEnd = async (options: CreateWatcherOptions, ...objectTypes: string[]) => {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fill(store, ...objectTypes);
  const watcher = createWithSyncStart(store, 'w', { autoStart: true, ...options });
  await firstValueFrom(watcher.caughtUp$.pipe(filter((isCaughtUp) => isCaughtUp)));
  clock.advanceBy(1000);
  await nextTurn();
  return { store, watcher, checkpoint: await firstValueFrom(store.getCheckpoint('w')) };
};

describe('a watcher with automatic checkpoints', () => {
  it('a watcher stores the number of the last handled event as its checkpoint', async () => {
    const { checkpoint, watcher } = await runToEnd({ handler: () => EMPTY }, 'Job', 'Job', 'Job');
    expect(checkpoint).toBe(3);
    expect(watcher.stats().handled).toBe(3);
  });

  it('a watcher stores one checkpoint at a time, and replaces a pending checkpoint by the newest one', async () => {
    const { store, gate } = gatedStore();
    fillUp(store, 5);
    watch(store, 'w', { handler: () => EMPTY }).subscribe();
    expect(gate.writes).toEqual([1]);
    fillUp(store, 2);
    await gate.finish();
    expect(gate.writes).toEqual([1, 7]);
    await gate.finish();
    expect(gate.writes).toEqual([1, 7]);
    fillUp(store, 1);
    expect(gate.writes).toEqual([1, 7, 8]);
    expect([...gate.watcherIds]).toEqual(['w']);
  });

  it('a watcher does not wait for a checkpoint write before it delivers the next event', () => {
    const { store, gate } = gatedStore();
    fillUp(store, 5);
    const seen: number[] = [];
    watch(store, 'w', { handler: () => EMPTY }).subscribe(({ seqNum }) => seen.push(seqNum));
    expect(gate.writes).toEqual([1]);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('a watcher moves its checkpoint neither past an event in flight nor past an event that waits for a retry', async () => {
    const { store, gate } = gatedStore();
    fillUp(store, 2);
    const first = new Subject<never>();
    const handler = ({ seqNum }: { seqNum: number }) => (seqNum === 1 ? first : throwError(() => 'no'));
    const subscription = watch(store, 'w', { handler }).subscribe();
    expect(gate.writes).toEqual([]);
    first.complete();
    expect(gate.writes).toEqual([1]);
    await gate.finish();
    expect(gate.writes).toEqual([1]);
    subscription.unsubscribe();
  });

  it('a watcher moves its checkpoint past a skipped event', async () => {
    const options = { handler: () => throwError(() => 'no'), retryStrategy: 'skip', maxRetries: 0 } as const;
    const { checkpoint, watcher } = await runToEnd(options, 'Job', 'Job');
    expect(checkpoint).toBe(2);
    expect(watcher.stats().skipped).toBe(2);
  });

  it.each<[string, string[], number]>([
    ['after the last match', ['Job', 'Run', 'Run'], 1],
    ['before the first match', ['Run', 'Run', 'Job'], 1],
    ['without a match', ['Run', 'Run', 'Run'], 0],
    ['without a match, over several pages', ['Run', 'Run', 'Run', 'Run', 'Run', 'Run', 'Run'], 0],
  ])('a watcher moves its checkpoint past excluded events %s', async (_name, types, handled) => {
    const options = { handler: () => EMPTY, filter: { objectTypes: ['Job'] }, batchSize: 3 };
    const { checkpoint, watcher } = await runToEnd(options, ...types);
    expect(checkpoint).toBe(types.length);
    expect(watcher.stats().handled).toBe(handled);
  });

  it('a watcher does not move its checkpoint past an event in flight, even if the filter excludes all later events', () => {
    const { store, gate } = gatedStore();
    fill(store, 'Run', 'Job', 'Run', 'Run');
    watch(store, 'w', { handler: () => NEVER, filter: { objectTypes: ['Job'] } }).subscribe();
    expect(gate.writes.every((seqNum) => seqNum <= 1)).toBe(true);
  });

  it('an ephemeral watcher neither reads nor stores a checkpoint', async () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 3);
    await store.storeCheckpoint('w', 2);
    const calls: string[] = [];
    const recording = {
      ...store,
      storeCheckpoint: async () => void calls.push('stored'),
      getCheckpoint: (id: string) => {
        calls.push('read');
        return store.getCheckpoint(id);
      },
    };
    const watcher = createWithSyncStart(recording, 'w', { handler: () => EMPTY, ephemeral: true });
    watcher.start();
    expect(watcher.stats().handled).toBe(3);
    await watcher.stop();
    expect(calls).toEqual([]);
  });
});
