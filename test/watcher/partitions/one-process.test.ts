import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CheckpointError, InvalidOptionsError } from '../../../src/errors.ts';
import { afterSequenceNumber, latest } from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { countLatestReads } from '../../support/watcher/count-latest-reads.ts';
import { withSyncStart } from '../../support/watcher/managed-watcher.ts';
import { COUNT, keyOf, partitionAt, partitioned, storeKeyed, TOGETHER } from './partitioned.ts';

const byPartition = (seqNums: readonly number[]) =>
  span(0, COUNT - 1).map((index) => seqNums.filter((seqNum) => partitionAt(seqNum) === index));

describe('a watcher with partitions, without a lease', () => {
  it('a watcher with partitions handles each event once, and the events of each partition in order', () => {
    const { alone, store } = partitioned();
    const { watcher, handled, state } = alone();
    watcher.start();
    storeKeyed(store, 23, 44);
    expect([...handled].sort((a, b) => a - b)).toEqual(span(1, 44));
    expect(byPartition(handled)).toEqual(byPartition(span(1, 44)));
    expect(state()).toBe('running');
  });

  it('a watcher with partitions handles one event at a time by default, and lets its partitions take turns', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    alone({ handler: byHand.handler }).watcher.start();
    const partitions: number[] = [];
    for (let n = 0; n < COUNT; n++) {
      expect(byHand.inFlight).toHaveLength(1);
      partitions.push(...byHand.inFlight.map(partitionAt));
      byHand.finish();
    }
    expect(partitions.sort()).toEqual(span(0, COUNT - 1));
  });

  it('a watcher with partitions handles at most as many events at the same time as the option concurrency permits', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    alone({ handler: byHand.handler, concurrency: 3 }).watcher.start();
    while (byHand.seqNums.length < 20) {
      expect(byHand.inFlight).toHaveLength(3);
      byHand.finish(byHand.inFlight[1] as number);
    }
  });

  it('a watcher with partitions handles events of other partitions while one partition waits for a retry', () => {
    const { alone, clock } = partitioned();
    const byHand = new ManualHandler();
    alone({ handler: byHand.handler, initialBackoff: 1000 }).watcher.start();
    const [failing] = byHand.inFlight as [number];
    byHand.fail(new Error('not yet'));
    while (byHand.isBusy) byHand.finish();
    const isSame = (seqNum: number) => partitionAt(seqNum) === partitionAt(failing);
    expect([...byHand.seqNums].sort((a, b) => a - b)).toEqual(
      span(1, 22).filter((seqNum) => seqNum === failing || !isSame(seqNum)),
    );
    clock.advanceBy(1000);
    expect(byHand.inFlight).toEqual([failing]);
  });

  it('a watcher with partitions stores a checkpoint for each partition, and continues each partition after its checkpoint', async () => {
    const { alone, checkpoints } = partitioned();
    const byHand = new ManualHandler();
    const first = alone({ handler: byHand.handler, ...TOGETHER });
    first.watcher.start();
    const [slow] = byHand.inFlight;
    for (let others = byHand.inFlight.slice(1); others.length > 0; others = byHand.inFlight.slice(1)) {
      byHand.finish(...others);
    }
    const stopped = first.watcher.stop({ timeout: 0 });
    first.watcher.stats();
    byHand.finish(slow as number);
    await stopped.catch(() => undefined);
    const stored = await checkpoints();
    expect([...stored.keys()]).toEqual(span(0, COUNT - 1).map((index) => `w [${index}/${COUNT}]`));

    const { watcher, handled } = alone();
    watcher.start();
    const expected = span(1, 22).filter(
      (seqNum) => seqNum > (stored.get(`w [${partitionAt(seqNum)}/${COUNT}]`) ?? 0),
    );
    expect([...handled].sort((a, b) => a - b)).toEqual(expected);
    expect(new Set(expected.map(partitionAt))).toEqual(new Set([partitionAt(slow as number)]));
  });

  it('a watcher with partitions starts all partitions at one position, even if one of them starts later', async () => {
    const { alone, store, checkpoints } = partitioned(5);
    const { watcher, handled } = alone({ initialEventIterator: latest() });
    watcher.start();
    expect([...(await checkpoints()).values()]).toEqual([5, 5, 5, 5]);
    storeKeyed(store, 6, 9);
    expect([...handled].sort()).toEqual([6, 7, 8, 9]);
  });

  it('a watcher with partitions delivers only the events that the filter matches', () => {
    const { alone } = partitioned();
    const { watcher, handled } = alone({ filter: { keys: [keyOf(3)] } });
    watcher.start();
    expect(handled).toEqual([3, 14]);
  });

  it('a watcher with partitions handles events of different keys of one partition concurrently', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    alone({ handler: byHand.handler, concurrency: 20 }).watcher.start();
    expect(byHand.inFlight.map(keyOf).sort()).toEqual(span(1, 11).map(keyOf).sort());
  });

  it('a watcher with partitions reports the whole watcher and each partition in its stats', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    const { watcher } = alone({ handler: byHand.handler, ...TOGETHER });
    watcher.start();
    const waiting = [...byHand.inFlight];
    byHand.finish(waiting[1] as number);
    const stats = watcher.stats();
    expect(stats).toMatchObject({ id: 'w', state: 'running', handled: 1, skipped: 0 });
    expect(stats.lag).toBeGreaterThan(stats.partitions?.[partitionAt(waiting[1] as number)]?.lag ?? 22);
    expect(stats.partitions?.map(({ index, state }) => [index, state])).toEqual(
      span(0, COUNT - 1).map((index) => [index, 'running']),
    );
    expect(stats.partitions?.reduce((sum, { handled }) => sum + handled, 0)).toBe(1);
  });

  it('a watcher with partitions is caught up when every partition has processed every event', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    const { watcher } = alone({ handler: byHand.handler });
    const values: boolean[] = [];
    watcher.start();
    watcher.caughtUp$.subscribe((isCaughtUp) => values.push(isCaughtUp));
    while (byHand.inFlight.length > 1) byHand.finish(byHand.inFlight[0] as number);
    expect(values).toEqual([false]);
    while (byHand.isBusy) byHand.finish(byHand.inFlight[0] as number);
    expect(values).toEqual([false, true]);
  });

  it('a watcher with partitions is not caught up while an event is in flight, even if all partitions have read the newest event', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    const { watcher } = alone({ handler: byHand.handler, ...TOGETHER });
    watcher.start();
    const values: boolean[] = [];
    watcher.caughtUp$.subscribe((isCaughtUp) => values.push(isCaughtUp));
    const isOf22 = (seqNum: number) => partitionAt(seqNum) === partitionAt(22);
    for (let own = byHand.inFlight.find(isOf22); own !== undefined; own = byHand.inFlight.find(isOf22)) {
      byHand.finish(own);
    }
    expect(values).toEqual([false]);
    while (byHand.isBusy) byHand.finish(byHand.inFlight[0] as number);
    expect(values).toEqual([false, true]);
  });

  it('a watcher with partitions and concurrency is not caught up while an early event is in flight, even if the newest event is handled', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    const { watcher } = alone({ handler: byHand.handler, concurrency: 2 * COUNT });
    watcher.start();
    const values: boolean[] = [];
    watcher.caughtUp$.subscribe((isCaughtUp) => values.push(isCaughtUp));
    const later = () => byHand.inFlight.find((seqNum) => seqNum > 1);
    for (let next = later(); next !== undefined; next = later()) byHand.finish(next);
    expect(byHand.inFlight).toEqual([1]);
    expect(values).toEqual([false]);
    while (byHand.isBusy) byHand.finish(byHand.inFlight[0] as number);
    expect(values).toEqual([false, true]);
  });

  it('caughtUp$ of a watcher with partitions reads the number of the newest event once while earlier events are handled', () => {
    const { alone, store } = partitioned();
    const { view, takeReads } = countLatestReads(store);
    const byHand = new ManualHandler();
    const { watcher } = alone({ handler: byHand.handler }, view);
    watcher.start();
    takeReads();
    watcher.caughtUp$.subscribe();
    while (byHand.inFlight.length > 1 || byHand.seqNums.length < 20)
      byHand.finish(byHand.inFlight[0] as number);
    expect(takeReads()).toBe(1);
  });

  it('whenProcessed emits when the partition of the event has passed the event, even if another partition is slower', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    const { watcher } = alone({ handler: byHand.handler, ...TOGETHER });
    watcher.start();
    const [slow, quick] = byHand.inFlight as [number, number];
    const processed: number[] = [];
    watcher.whenProcessed(quick).subscribe((seqNum) => processed.push(seqNum));
    watcher.whenProcessed(slow).subscribe((seqNum) => processed.push(seqNum));
    byHand.finish(quick);
    expect(processed).toEqual([quick]);
    byHand.finish(slow);
    expect(processed).toEqual([quick, slow]);
  });

  it('whenProcessed of a watcher with partitions emits for an event that is stored later, and for 0', () => {
    const { alone, store } = partitioned();
    const { watcher } = alone();
    watcher.start();
    const processed: number[] = [];
    for (const seqNum of [0, 23]) watcher.whenProcessed(seqNum).subscribe((n) => processed.push(n));
    expect(processed).toEqual([0]);
    storeKeyed(store, 23, 23);
    expect(processed).toEqual([0, 23]);
  });

  it('a watcher with partitions pauses and resumes all partitions', () => {
    const { alone, store } = partitioned();
    const { watcher, handled, state } = alone();
    watcher.start();
    watcher.pause();
    storeKeyed(store, 23, 30);
    expect([state(), handled.length]).toEqual(['paused', 22]);
    watcher.resume();
    expect([state(), handled.length]).toEqual(['running', 30]);
  });

  it('a seek of a watcher with partitions moves all partitions to the target, and restarts them', async () => {
    const { alone, checkpoints } = partitioned();
    const { watcher, handled, state } = alone();
    watcher.start();
    handled.length = 0;
    await watcher.seek(afterSequenceNumber(20));
    expect([...handled].sort()).toEqual([21, 22]);
    expect(state()).toBe('running');
    expect(Math.min(...(await checkpoints()).values())).toBeGreaterThanOrEqual(20);
  });

  it('a watcher with partitions rejects a seek after the end of the log, and continues unchanged', async () => {
    const { alone, store } = partitioned();
    const { watcher, handled } = alone();
    watcher.start();
    await expect(watcher.seek(afterSequenceNumber(23))).rejects.toThrow(CheckpointError);
    storeKeyed(store, 23, 23);
    expect(handled).toHaveLength(23);
  });

  it('a seek restarts a stopped watcher with partitions', async () => {
    const { alone } = partitioned();
    const { watcher, handled, state } = alone();
    watcher.start();
    await watcher.stop();
    await watcher.seek(afterSequenceNumber(21));
    expect([state(), handled.at(-1)]).toEqual(['running', 22]);
  });

  it('a watcher with partitions fails when one partition fails, after the attempts in flight of the other partitions', () => {
    const { alone } = partitioned();
    const byHand = new ManualHandler();
    const { watcher, state } = alone({
      handler: byHand.handler,
      retryStrategy: 'stop',
      maxRetries: 0,
      ...TOGETHER,
    });
    watcher.start();
    const [failing, ...others] = byHand.inFlight as [number, ...number[]];
    byHand.fail(new Error('no'), failing);
    expect(state()).toBe('stopping');
    byHand.finish(...others);
    expect(state()).toBe('failed');
    expect(byHand.inFlight).toEqual([]);
    expect(watcher.stats().lastError).toMatchObject({ code: 'ERR_EVENT_HANDLING', watcherId: 'w' });
    watcher.start();
    expect([state(), byHand.inFlight.length]).toEqual(['running', COUNT]);
  });

  it('a watcher with partitions stores dead letters under its own id, and redrives the dead letters of all partitions', async () => {
    const { alone, store } = partitioned(8);
    let isBroken = true;
    const handled: number[] = [];
    const { watcher, manager } = alone({
      retryStrategy: 'deadLetter',
      maxRetries: 0,
      handler({ seqNum }) {
        if (isBroken) throw new Error('broken');
        handled.push(seqNum);
      },
    });
    watcher.start();
    const deadLetters = () => lastValueFrom(store.deadLetters('w').pipe(toArray()));
    expect((await deadLetters()).map(({ seqNum, watcherId }) => [seqNum, watcherId])).toEqual(
      span(1, 8).map((seqNum) => [seqNum, 'w']),
    );
    expect(watcher.stats().skipped).toBe(8);
    isBroken = false;
    const outcomes = await manager.redrive('w');
    expect(outcomes.map(({ seqNum, status }) => [seqNum, status])).toEqual(
      span(1, 8).map((seqNum) => [seqNum, 'handled']),
    );
    expect(await deadLetters()).toEqual([]);
    expect([...handled].sort()).toEqual(span(1, 8));
  });

  it('a watcher with partitions redrives only the requested dead letters, and rejects a number without a dead letter', async () => {
    const { alone } = partitioned(8);
    let isBroken = true;
    const { watcher, manager } = alone({
      retryStrategy: 'deadLetter',
      maxRetries: 0,
      handler() {
        if (isBroken) throw new Error('broken');
      },
    });
    watcher.start();
    isBroken = false;
    await expect(manager.redrive('w', { seqNums: [3, 9] })).rejects.toThrow(InvalidOptionsError);
    expect(await manager.redrive('w', { seqNums: [3] })).toMatchObject([{ seqNum: 3, status: 'handled' }]);
  });

  it('a watcher with partitions handles each event in a transaction, with the checkpoint of the partition', async () => {
    const { alone, checkpoints } = partitioned();
    const seqNums: number[] = [];
    const { watcher } = alone({
      handler: undefined,
      transactionHandler: ({ seqNum }) => void seqNums.push(seqNum),
    });
    watcher.start();
    await lastValueFrom(watcher.whenProcessed(22));
    expect([...seqNums].sort((a, b) => a - b)).toEqual(span(1, 22));
    expect((await checkpoints()).get(`w [${partitionAt(22)}/${COUNT}]`)).toBe(22);
  });

  it('garbage collection retains the events after the lowest checkpoint of the partitions of a watcher', async () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ scheduler: clock, gcAgeThreshold: 1000, gcCadence: 1_000_000 });
    storeKeyed(store, 1, 22);
    const byHand = new ManualHandler();
    const watcher = createManager(store).create('w', {
      partitions: COUNT,
      handler: byHand.handler,
      ...TOGETHER,
    });
    withSyncStart(store, watcher).start();
    const isSlow = (seqNum: number) => partitionAt(seqNum) === partitionAt(9);
    const first = byHand.inFlight.find(isSlow) as number;
    byHand.finish(first);
    while (byHand.inFlight.length > 1) byHand.finish(...byHand.inFlight.filter((seqNum) => !isSlow(seqNum)));
    clock.advanceBy(5000);
    await store.collectGarbage();
    const lowest = Math.min(...(await firstValueFrom(store.checkpoints())).values());
    expect(lowest).toBeLessThan(byHand.inFlight[0] as number);
    expect(await firstValueFrom(store.info())).toMatchObject({ oldestSeqNum: lowest + 1 });
    byHand.finish();
  });

  it('the Observables of a watcher with partitions complete when the watcher is removed', async () => {
    const { alone } = partitioned();
    const { watcher, manager } = alone();
    watcher.start();
    let completed = 0;
    const complete = () => {
      completed++;
    };
    watcher.stats$.subscribe({ complete });
    watcher.outcomes$.subscribe({ complete });
    watcher.caughtUp$.subscribe({ complete });
    await manager.remove('w');
    expect(completed).toBe(3);
    expect(manager.watchers()).toEqual([]);
  });

  it('a watcher with partitions stops when its store is closed', async () => {
    const { alone, store } = partitioned();
    const { watcher } = alone();
    watcher.start();
    await store.close();
    expect(watcher.stats().state).toBe('stopped');
  });

  it('a watcher with partitions keeps no timer after a stop', async () => {
    const { alone, clock } = partitioned();
    const { watcher } = alone();
    watcher.start();
    await watcher.stop();
    expect(clock.timers).toBe(0);
  });
});

describe('the number of partitions', () => {
  const failureOf = (watcher: { stats(): { lastError?: Error; state: string } }) => {
    const { state, lastError } = watcher.stats();
    expect(state).toBe('failed');
    return lastError as CheckpointError;
  };

  it('a start with another number of partitions fails with an error that says how to change the number', async () => {
    const { alone } = partitioned();
    const first = alone();
    first.watcher.start();
    await first.watcher.stop();
    const other = alone({ partitions: 2 });
    other.watcher.start();
    const error = failureOf(other.watcher);
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toContain('found one of 4 partitions');
    expect(error.message).toContain("store.deleteCheckpoint('w')");
    expect(other.handled).toEqual([]);
  });

  it('the number of partitions can be changed after the checkpoints are deleted', async () => {
    const { alone, store, checkpoints } = partitioned();
    const first = alone();
    first.watcher.start();
    await first.watcher.stop();
    await store.deleteCheckpoint('w');
    expect((await checkpoints()).size).toBe(0);
    const other = alone({ partitions: 2, initialEventIterator: afterSequenceNumber(20) });
    other.watcher.start();
    expect([...other.handled].sort()).toEqual([21, 22]);
  });

  it('partitions cannot be added to a watcher that has a checkpoint, and cannot be removed from a watcher that has partitions', async () => {
    const plain = partitioned();
    const first = plain.alone({ partitions: undefined });
    first.watcher.start();
    await first.watcher.stop();
    const split = plain.alone();
    split.watcher.start();
    expect(failureOf(split.watcher).message).toContain('a watcher without partitions');

    const divided = partitioned();
    const second = divided.alone();
    second.watcher.start();
    await second.watcher.stop();
    const merged = divided.alone({ partitions: undefined });
    merged.watcher.start();
    expect(failureOf(merged.watcher).message).toContain('found checkpoints of partitions');
    expect(merged.handled).toEqual([]);
  });

  it.each([0, 1025, 1.5, '4', null])('the number of partitions cannot be %o', (partitions) => {
    const { alone } = partitioned();
    expect(() => alone({ partitions: partitions as never })).toThrow(InvalidOptionsError);
  });

  it('a watcher with partitions cannot be ephemeral, have manual checkpoints, or have a partition in its filter', () => {
    const { alone } = partitioned();
    const options = {
      ephemeral: true,
      checkpoint: 'manual',
      filter: { partition: { index: 0, count: 2 } },
    } as const;
    const paths = ['ephemeral', 'checkpoint', 'filter.partition'].map((path) =>
      expect.objectContaining({ path }),
    );
    expect(() => alone(options)).toThrow(expect.objectContaining({ faults: paths }));
  });

  it('the id of a watcher with partitions cannot be too long, or end like the id of a partition or a member', () => {
    const { store } = partitioned();
    const manager = createManager(store);
    const create = (id: string) => () => manager.create(id, { handler() {}, partitions: 16 });
    for (const id of ['w [3/16]', 'w [member 0]', 'w'.repeat(1975)]) {
      expect(create(id)).toThrow(InvalidOptionsError);
    }
    expect(manager.watchers()).toEqual([]);
  });

  it('a watcher with partitions rejects a call of checkpoint(), because each partition stores its own checkpoint', async () => {
    const { alone } = partitioned();
    await expect(alone().watcher.checkpoint(1)).rejects.toThrow(CheckpointError);
  });
});
