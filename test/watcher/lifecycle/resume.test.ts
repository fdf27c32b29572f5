import { isDeepStrictEqual } from 'node:util';
import { firstValueFrom, NEVER } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { afterSequenceNumber } from '../../../src/event/event-iterator.ts';
import { openLmdbStore } from '../../../src/lmdb.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { eachDirectory } from '../../support/each-directory.ts';
import { storeAll } from '../../support/watcher/fill.ts';
import { statsWhen } from '../../support/watcher/managed-watcher.ts';

describe('a watcher that is created again after a restart of its process', () => {
  let path: string;
  let store: EventStore;
  const open = () => openLmdbStore({ path });
  const restart = async () => {
    await store.close();
    store = open();
  };

  eachDirectory((directory) => {
    path = directory.file('events.lmdb');
    store = open();
  });
  afterEach(() => store.close());

  /** Runs a watcher to the end of the log, stops it, and returns the numbers of the delivered events. */
  async function handleAll(options: WatcherOptions = {}): Promise<number[]> {
    const seqNums: number[] = [];
    const handler = async ({ seqNum }: { seqNum: number }) => {
      seqNums.push(seqNum);
    };
    const watcher = createManager(store).create('w', { handler, autoStart: true, ...options });
    const end = await firstValueFrom(store.getLatestSeqNum());
    await statsWhen(watcher, ({ checkpointIterator }) =>
      isDeepStrictEqual(checkpointIterator, afterSequenceNumber(end)),
    );
    await watcher.stop();
    return seqNums;
  }

  it('a watcher that was stopped before a restart of its process does not deliver handled events again', async () => {
    await storeAll(store, 'Job', 'Job', 'Job');
    expect(await handleAll()).toEqual([1, 2, 3]);
    await restart();
    expect(await handleAll()).toEqual([]);
    await storeAll(store, 'Job', 'Job');
    expect(await handleAll()).toEqual([4, 5]);
    await restart();
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(5);
  });

  it('a watcher does not read excluded events again after a restart of its process', async () => {
    const filtered = { filter: { objectTypes: ['Job'] } };
    await storeAll(store, 'Run', 'Run', 'Run');
    expect(await handleAll(filtered)).toEqual([]);
    await restart();
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(3);
    await storeAll(store, 'Run', 'Job');
    expect(await handleAll(filtered)).toEqual([5]);
  });

  it('a watcher that was not stopped before a restart of its process delivers the event that was in its handler again', async () => {
    await storeAll(store, 'Job', 'Job', 'Job');
    const seqNums: number[] = [];
    let inSecond = (): void => undefined;
    const second = new Promise<void>((resolve) => {
      inSecond = resolve;
    });
    const handler = ({ seqNum }: { seqNum: number }) => {
      seqNums.push(seqNum);
      if (seqNum === 1) return;
      inSecond();
      return NEVER;
    };
    const subscription = watch(store, 'w', { handler }).subscribe();
    await second;
    subscription.unsubscribe();
    await restart();
    expect(seqNums).toEqual([1, 2]);
    expect(await handleAll()).toEqual([2, 3]);
  });
});
