import { EMPTY, filter, firstValueFrom, NEVER, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { fill, fillUp } from '../delivery/fill.ts';
import { createBegun } from '../managed.ts';
import { gatedStore } from './gated-store.ts';

const caughtUp = async (options: CreateWatcherOptions, ...objectTypes: string[]) => {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fill(store, ...objectTypes);
  const watcher = createBegun(store, 'w', { autoStart: true, ...options });
  await firstValueFrom(watcher.caughtUp$.pipe(filter((isCaughtUp) => isCaughtUp)));
  clock.advanceBy(1000);
  await nextTurn();
  return { store, watcher, checkpoint: await firstValueFrom(store.getCheckpoint('w')) };
};

describe('an automatic checkpoint', () => {
  it('follows the events that were handled', async () => {
    const { checkpoint, watcher } = await caughtUp({ handler: () => EMPTY }, 'Job', 'Job', 'Job');
    expect(checkpoint).toBe(3);
    expect(watcher.stats().handled).toBe(3);
  });

  it('is stored one write at a time, coalesced, the newest next', async () => {
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
    expect([...gate.owners]).toEqual(['w']);
  });

  it('does not hold up the handler while it is written', () => {
    const { store, gate } = gatedStore();
    fillUp(store, 5);
    const seen: number[] = [];
    watch(store, 'w', { handler: () => EMPTY }).subscribe(({ seqNum }) => seen.push(seqNum));
    expect(gate.writes).toEqual([1]);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not count the event in the handler, nor one whose attempt has failed', async () => {
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

  it('counts an event that was skipped', async () => {
    const options = { handler: () => throwError(() => 'no'), retryStrategy: 'skip', maxRetries: 0 } as const;
    const { checkpoint, watcher } = await caughtUp(options, 'Job', 'Job');
    expect(checkpoint).toBe(2);
    expect(watcher.stats().skipped).toBe(2);
  });

  it.each<[string, string[], number]>([
    ['behind the last that matches', ['Job', 'Run', 'Run'], 1],
    ['before the first that matches', ['Run', 'Run', 'Job'], 1],
    ['when none matches', ['Run', 'Run', 'Run'], 0],
    ['when none matches, over several pages', ['Run', 'Run', 'Run', 'Run', 'Run', 'Run', 'Run'], 0],
  ])('counts events that the filter leaves out: %s', async (_name, types, handled) => {
    const options = { handler: () => EMPTY, filter: { objectTypes: ['Job'] }, batchSize: 3 };
    const { checkpoint, watcher } = await caughtUp(options, ...types);
    expect(checkpoint).toBe(types.length);
    expect(watcher.stats().handled).toBe(handled);
  });

  it('does not pass an event in the handler because the filter leaves out what follows', () => {
    const { store, gate } = gatedStore();
    fill(store, 'Run', 'Job', 'Run', 'Run');
    watch(store, 'w', { handler: () => NEVER, filter: { objectTypes: ['Job'] } }).subscribe();
    expect(gate.writes.every((seqNum) => seqNum <= 1)).toBe(true);
  });

  it('is neither read nor written for an ephemeral watcher', async () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 3);
    await store.storeCheckpoint('w', 2);
    const touched: string[] = [];
    const noting = {
      ...store,
      storeCheckpoint: async () => void touched.push('stored'),
      getCheckpoint: (id: string) => {
        touched.push('read');
        return store.getCheckpoint(id);
      },
    };
    const watcher = createBegun(noting, 'w', { handler: () => EMPTY, ephemeral: true });
    watcher.start();
    expect(watcher.stats().handled).toBe(3);
    await watcher.stop();
    expect(touched).toEqual([]);
  });
});
