import { asyncScheduler, filter, firstValueFrom } from 'rxjs';
import {
  CheckpointError,
  type CreateWatcherOptions,
  createManager,
  type Event,
  type EventStore,
  type Manager,
  partitionOf,
  type Watcher,
} from '../../../index.ts';
import { deadLettersOf } from '../support/dead-letters.ts';
import { span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { passed, statsIn } from '../support/watched.ts';

const COUNT = 4;

/** Duration of the leases, in milliseconds. */
const DURATION = 600;

const keyOf = (seqNum: number): string => `key ${seqNum % 11}`;
const partitionAt = (seqNum: number): number => partitionOf(keyOf(seqNum), COUNT);

/** Stores events with eleven different keys, so that each partition has events. */
const storeKeyed = (store: EventStore, first: number, last: number) =>
  store.storeEvents(
    span(first, last).map((n) => ({ operation: 'CREATE', objectType: 'Job', object: { n }, key: keyOf(n) })),
  );

/** Starts the watcher `w` with partitions, and records the numbers of its events. */
function startPartitioned(manager: Manager, options: CreateWatcherOptions = {}) {
  const handled: number[] = [];
  const handler = ({ seqNum }: Event) => void handled.push(seqNum);
  const watcher = manager.create('w', { partitions: COUNT, handler, autoStart: true, ...options });
  return { handled, watcher };
}

/** Resolves when the process of a watcher runs this number of partitions. */
const owning = (watcher: Watcher, count: number) =>
  firstValueFrom(
    watcher.stats$.pipe(
      filter(({ partitions = [] }) => partitions.filter(({ state }) => state === 'running').length === count),
    ),
  );

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

export const describeWatchingInPartitions = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a watcher with partitions', () => {
    const byPartition = (seqNums: readonly number[]) =>
      span(0, COUNT - 1).map((index) => seqNums.filter((seqNum) => partitionAt(seqNum) === index));

    test('a watcher with partitions handles each event once, in order within its partition, and continues after a stop', async () => {
      const store = await open();
      await storeKeyed(store, 1, 33);
      const manager = createManager(store);
      const { handled, watcher } = startPartitioned(manager);
      for (const seqNum of span(1, 33)) await passed(watcher, seqNum);
      await watcher.stop();
      await storeKeyed(store, 34, 44);

      watcher.start();
      for (const seqNum of span(34, 44)) await passed(watcher, seqNum);

      expect(byPartition(handled)).toEqual(byPartition(span(1, 44)));
      await watcher.stop();
    });

    test('a watcher with partitions stores one checkpoint for each partition, and fails with another number of partitions', async () => {
      const store = await open();
      await storeKeyed(store, 1, 11);
      const first = createManager(store);
      const { watcher } = startPartitioned(first);
      for (const seqNum of span(1, 11)) await passed(watcher, seqNum);
      await first.stop();
      const ids = [...(await firstValueFrom(store.checkpoints())).keys()];
      expect(ids.sort()).toEqual(span(0, COUNT - 1).map((index) => `w [${index}/${COUNT}]`));

      for (const partitions of [2, undefined]) {
        const other = startPartitioned(createManager(store), { partitions });
        const { lastError } = await statsIn(other.watcher, 'failed');
        expect(lastError).toBeInstanceOf(CheckpointError);
        expect(other.handled).toEqual([]);
      }
      await store.deleteCheckpoint('w');
      expect((await firstValueFrom(store.checkpoints())).size).toBe(0);
    });

    if (supports.deadLetters) {
      test('a watcher with partitions stores dead letters under the id of the watcher, with the checkpoint of the partition', async () => {
        const store = await open();
        await storeKeyed(store, 1, 11);
        const manager = createManager(store);
        let isBroken = true;
        const { watcher } = startPartitioned(manager, {
          retryStrategy: 'deadLetter',
          maxRetries: 0,
          handler() {
            if (isBroken) throw new Error('broken');
          },
        });
        for (const seqNum of span(1, 11)) await passed(watcher, seqNum);
        const deadLetters = await deadLettersOf(store);
        expect(deadLetters.map(({ seqNum, watcherId }) => [seqNum, watcherId])).toEqual(
          span(1, 11).map((seqNum) => [seqNum, 'w']),
        );
        const checkpoints = await firstValueFrom(store.checkpoints());
        expect(checkpoints.get('w')).toBe(undefined);
        expect(checkpoints.get(`w [${partitionAt(11)}/${COUNT}]`)).toBe(11);

        isBroken = false;
        expect(await manager.redrive('w')).toHaveLength(11);
        expect(await deadLettersOf(store)).toEqual([]);
        await watcher.stop();
      });
    }

    if (!supports.leases) return;

    test('processes share the partitions of a watcher: a process that joins receives a share, and a process that stops gives its partitions back', async () => {
      const store = await open();
      await storeKeyed(store, 1, 11);
      const lease = { duration: DURATION };
      const first = startPartitioned(createManager(store, { lease }), { scheduler: asyncScheduler });
      await owning(first.watcher, COUNT);
      const storeOfSecond = supports.sharing ? await open() : store;
      const second = startPartitioned(createManager(storeOfSecond, { lease }), {
        scheduler: asyncScheduler,
      });
      await owning(second.watcher, COUNT / 2);
      await owning(first.watcher, COUNT / 2);

      await storeKeyed(store, 12, 44);
      for (const seqNum of span(1, 44)) await passed(first.watcher, seqNum);
      await first.watcher.stop();
      await owning(second.watcher, COUNT);
      await storeKeyed(store, 45, 55);
      for (const seqNum of span(45, 55)) await passed(second.watcher, seqNum);
      await second.watcher.stop();

      expect(sorted([...first.handled, ...second.handled])).toEqual(span(1, 55));
      const ofSecond = new Set(second.handled.filter((seqNum) => seqNum <= 44).map(partitionAt));
      expect(ofSecond.size).toBe(COUNT / 2);
    });

    if (!supports.deadLetters) return;

    test('a watcher with partitions rejects a dead letter and a checkpoint of a partition under an old fencing token', async () => {
      const store = await open();
      await storeKeyed(store, 1, 1);
      const { leases } = store.internals;
      const id = `w [0/${COUNT}]`;
      await leases?.store(id, { owner: 'first', token: 1 }, 0);
      const deadLetter = {
        watcherId: 'w',
        seqNum: 1,
        errors: [],
        attempts: 1,
        firstTime: new Date(0),
        lastTime: new Date(0),
      };
      await store.storeDeadLetter(deadLetter, 1, 1, id);
      const lease = leases && (await firstValueFrom(leases.get(id)));
      await leases?.store(id, { owner: 'second', token: 2 }, lease?.revision ?? 0);

      await expect(store.storeDeadLetter(deadLetter, 2, 1, id)).rejects.toMatchObject({
        code: 'ERR_LEASE_LOST',
      });
      await expect(store.storeCheckpoint(id, 2, 1)).rejects.toMatchObject({ code: 'ERR_LEASE_LOST' });
      expect(await firstValueFrom(store.getCheckpoint(id))).toBe(1);
    });
  });
