import {
  CheckpointError,
  createManager,
  type EventStore,
  StoreError,
  trimHorizon,
  type WatchOptions,
  watch,
} from 'rx-watcher';
import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

/** Opens a store of a stream. The checkpoint of the watcher 'w' is event 10, the last one. */
async function openWatched() {
  const stream = streams.nextStream();
  const store = await streams.open({ stream });
  await store.storeEvents(span(1, 10).map(created));
  await store.storeCheckpoint('w', 10);
  const { manager } = await rawStream(streams.server.url);
  return { stream, store, manager };
}

/** Opens a store of a stream that was deleted and created again. The new stream holds 20 events. */
async function openReplaced(): Promise<EventStore> {
  const { stream, manager } = await openWatched();
  await manager.streams.delete(stream);
  const store = await streams.open({ stream });
  await store.storeEvents(span(101, 120).map(created));
  return store;
}

/** Returns options of a watcher, and the numbers of the events that its handler gets. */
function handling() {
  const handled: number[] = [];
  const options: WatchOptions = { handler: ({ seqNum }) => void handled.push(seqNum) };
  return { handled, options };
}

describe('a stream that was deleted and created again', () => {
  test('a watcher with a checkpoint of a deleted stream fails on the new stream, and passes no event to its handler', async () => {
    const store = await openReplaced();
    const { handled, options } = handling();

    const failure = await failureOf(lastValueFrom(watch(store, 'w', options)));

    expect(failure).toBeInstanceOf(CheckpointError);
    expect(String(failure)).toMatch(
      /checkpoint of watcher 'w': 10 is an event of an earlier stream 's\d+', created at 20.*Z; the current stream was created at 20.*Z; use seek or deleteCheckpoint/,
    );
    expect(handled).toEqual([]);
  });

  test.each<[string, (store: EventStore, seek: (n: number) => Promise<unknown>) => Promise<unknown>]>([
    ['after a seek to the first event', (_store, seek) => seek(0)],
    ['after the checkpoint was deleted', (store) => store.deleteCheckpoint('w')],
  ])(
    'a watcher handles every event of a stream that was deleted and created again, %s',
    async (_title, decide) => {
      const store = await openReplaced();
      const { handled, options } = handling();
      const manager = createManager(store);
      const watcher = manager.create('w', { ...options, autoStart: true });
      await firstValueFrom(watcher.stats$.pipe(filter(({ state }) => state === 'failed')));

      await decide(store, () => watcher.seek(trimHorizon()));
      if (watcher.stats().state !== 'running') watcher.start();
      await firstValueFrom(watcher.whenProcessed(20));

      expect(handled).toEqual(span(1, 20));
      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(20);
    },
  );

  test('a watcher with a lease and a checkpoint of a deleted stream fails on the new stream', async () => {
    const store = await openReplaced();
    const { handled, options } = handling();
    const watcher = createManager(store, { lease: true }).create('w', { ...options, autoStart: true });

    await firstValueFrom(watcher.stats$.pipe(filter(({ state }) => state === 'failed')));

    expect(watcher.stats().lastError).toBeInstanceOf(CheckpointError);
    expect(handled).toEqual([]);
  });

  test('garbage collection by age keeps all events of a new stream while a watcher has a checkpoint of the deleted stream', async () => {
    const { stream, manager } = await openWatched();
    await manager.streams.delete(stream);
    const scheduler = new VirtualClock();
    const store = await streams.open({ stream, gcAgeThreshold: 1000, scheduler });
    await store.storeEvents(span(1, 20).map(created));
    await store.storeCheckpoint('other', 20);
    scheduler.advanceBy(2000);

    expect(await firstValueFrom(store.checkpoints())).toEqual(
      new Map([
        ['w', 0],
        ['other', 20],
      ]),
    );
    expect(await store.collectGarbage()).toMatchObject({ deleted: 0 });
    await store.deleteCheckpoint('w');
    expect(await store.collectGarbage()).toMatchObject({ deleted: 20 });
  });

  test('reads of an open store fail if its stream was deleted and created again', async () => {
    const { stream, store, manager } = await openWatched();
    const live = note(store.events(trimHorizon()));
    await live.has(10);
    await manager.streams.delete(stream);
    const reopened = await streams.open({ stream });
    await reopened.storeEvents(span(101, 120).map(created));

    const failure = await failureOf(readAll(store));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toMatch(
      /the stream 's\d+' was deleted, and created again at .*; reopen the store/,
    );
    expect(await failureOf(lastValueFrom(store.events(trimHorizon()).pipe(toArray())))).toBeInstanceOf(
      StoreError,
    );
  });

  test('getCheckpoint rejects a checkpoint from a store that was opened before the stream was created again', async () => {
    const { stream, store, manager } = await openWatched();
    await manager.streams.delete(stream);
    const reopened = await streams.open({ stream });
    await reopened.deleteCheckpoint('w');
    await reopened.storeEvents(span(101, 120).map(created));

    await store.storeCheckpoint('late', 9);

    expect(await failureOf(firstValueFrom(reopened.getCheckpoint('late')))).toBeInstanceOf(CheckpointError);
    const { handled, options } = handling();
    await lastValueFrom(watch(reopened, 'w', options).pipe(take(20)));
    expect(handled).toEqual(span(1, 20));
    expect(seqNums(await readAll(reopened))).toEqual(span(1, 20));
  });
});
