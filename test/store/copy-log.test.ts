import { asyncScheduler, firstValueFrom, lastValueFrom, retry, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import {
  CopyConflictError,
  InvalidOptionsError,
  SequenceTrimmedError,
  StoreError,
} from '../../src/errors.ts';
import { createMemoryStore } from '../../src/memory.ts';
import { type CopyProgress, copyLog } from '../../src/store/copy-log.ts';
import { createEventStore } from '../../src/store/create-event-store.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { faultyStore } from '../../src/testing/faulty-store.ts';
import { trimmableStore } from '../support/watcher/log-stores.ts';

/** Creates a store with `count` events, three per timestamp, and the checkpoint 2 of watcher `w`. */
async function filled(count: number) {
  const clock = new VirtualClock();
  const { store, trim } = trimmableStore(clock);
  for (const n of span(1, count)) {
    await store.storeEvent(created(n));
    if (n % 3 === 0) clock.advanceBy(1000);
  }
  await store.storeCheckpoint('w', 2);
  return { source: store, trim };
}
const empty = () => createMemoryStore({ scheduler: new VirtualClock() });
const copied = (source: EventStore, target: EventStore, batchSize = 4): Promise<readonly CopyProgress[]> =>
  lastValueFrom(copyLog(source, target, { batchSize }).pipe(toArray()));
const checkpoints = (store: EventStore) => firstValueFrom(store.checkpoints());

describe('copyLog', () => {
  it('copyLog copies checkpoints, and events with their numbers and timestamps, and emits its progress', async () => {
    const { source } = await filled(10);
    const target = empty();
    expect(await copied(source, target)).toEqual([
      { copied: 0, total: 10, seqNum: 0 },
      { copied: 4, total: 10, seqNum: 4 },
      { copied: 8, total: 10, seqNum: 8 },
      { copied: 10, total: 10, seqNum: 10 },
    ]);
    expect(await readAll(target)).toEqual(await readAll(source));
    expect(await checkpoints(target)).toEqual(new Map([['w', 2]]));
  });

  it('copyLog starts a copy at each subscription, and not before', async () => {
    const { source } = await filled(5);
    const target = empty();
    const copy = copyLog(source, target);
    expect(await readAll(target)).toEqual([]);
    await lastValueFrom(copy);
    await source.storeEvent(created(6));
    expect(await lastValueFrom(copy)).toEqual({ copied: 1, total: 1, seqNum: 6 });
    expect(await lastValueFrom(copy)).toEqual({ copied: 0, total: 0, seqNum: 6 });
    expect(await readAll(target)).toEqual(await readAll(source));
  });

  it('copyLog assigns the next sequence number of an empty source to an empty target', async () => {
    const { store: source, trim } = trimmableStore(asyncScheduler);
    const target = createMemoryStore();
    expect(await copied(source, target)).toEqual([{ copied: 0, total: 0, seqNum: 0 }]);
    await source.storeEvents(span(1, 7).map(created));
    trim(7);
    expect(await copied(source, target)).toEqual([{ copied: 0, total: 0, seqNum: 7 }]);
    expect((await target.storeEvent(created(8))).seqNum).toBe(8);
    await Promise.all([source.close(), target.close()]);
  });

  it('copyLog begins with the oldest remaining event of a trimmed source', async () => {
    const { source, trim } = await filled(10);
    trim(6);
    const target = empty();
    expect(await copied(source, target)).toEqual([
      { copied: 0, total: 4, seqNum: 6 },
      { copied: 4, total: 4, seqNum: 10 },
    ]);
    expect(seqNums(await readAll(target))).toEqual([7, 8, 9, 10]);
    expect(await readAll(target)).toEqual(await readAll(source));
  });

  it('copyLog continues a cancelled copy without losing or duplicating an event', async () => {
    const { source } = await filled(30);
    const target = empty();
    for (const reports of [2, 1, 3, 2]) {
      await lastValueFrom(copyLog(source, target, { batchSize: 3 }).pipe(take(reports)));
    }
    await copied(source, target);
    expect(await readAll(target)).toEqual(await readAll(source));
  });

  it('copyLog can be repeated after a failed append, even if that append was stored', async () => {
    const { source } = await filled(20);
    const target = empty();
    const down = new StoreError('down');
    let calls = 0;
    const failing: EventStore = {
      ...faultyStore(target, [{ method: 'storeCheckpoint', calls: 1, error: down }]),
      async importEvents(after, events) {
        const isImported = await target.importEvents?.(after, events);
        if (++calls % 2 === 0) throw down;
        return isImported ?? false;
      },
    };
    const reading = faultyStore(source, [{ method: 'getEvents', calls: [3, 8], error: down }]);
    await lastValueFrom(copyLog(reading, failing, { batchSize: 3 }).pipe(retry(20)));
    expect(calls).toBeGreaterThan(5);
    expect(await readAll(target)).toEqual(await readAll(source));
    expect(await checkpoints(target)).toEqual(new Map([['w', 2]]));
  });

  it('copyLog ends with the last event at the time of the subscription, even if the source grows', async () => {
    const { source } = await filled(8);
    const target = empty();
    await lastValueFrom(
      copyLog(
        {
          ...source,
          getEvents: (request) => {
            void source.storeEvent(created(0));
            return source.getEvents(request);
          },
        },
        target,
        { batchSize: 4 },
      ),
    );
    expect(seqNums(await readAll(target))).toEqual(span(1, 8));
  });

  it('copyLog writes checkpoints before the events, and writes changed checkpoints again after the events', async () => {
    const { source } = await filled(4);
    const target = empty();
    const writes: unknown[] = [];
    const recording: EventStore = {
      ...target,
      storeCheckpoint: async (...args) => void writes.push(args),
      importEvents: async (after, events) => {
        writes.push([after, ...seqNums(events)]);
        await source.storeCheckpoint('w', 4);
        return target.importEvents?.(after, events) ?? false;
      },
    };
    await lastValueFrom(copyLog(source, recording));
    expect(writes).toEqual([['w', 2], [0], [0, 1, 2, 3, 4], ['w', 4]]);
  });

  it('copyLog protects the events of the source from garbage collection during the subscription', async () => {
    const { source } = await filled(4);
    let pins = 0;
    const pinned: EventStore = {
      ...source,
      internals: {
        ...source.internals,
        retainFrom(position) {
          pins++;
          expect(position()).toBe(0);
          return { unsubscribe: () => pins-- };
        },
      },
    };
    const subscription = copyLog(
      pinned,
      faultyStore(empty(), [{ method: 'importEvents', delay: 1000 }]),
    ).subscribe();
    expect(pins).toBe(1);
    subscription.unsubscribe();
    expect(pins).toBe(0);
  });
});

describe('copyLog fails and writes nothing', () => {
  const conflict = async (source: EventStore, target: EventStore) => {
    const before = await readAll(target);
    const failure = await failureOf(copied(source, target));
    expect(await readAll(target)).toEqual(before);
    expect(await checkpoints(target)).toEqual(new Map());
    return failure;
  };

  it('copyLog fails and writes nothing if the target has a different event', async () => {
    const { source } = await filled(5);
    const target = empty();
    await target.storeEvents([{ operation: 'DELETE', objectType: 'Other', object: null }]);
    const failure = await conflict(source, target);
    expect(failure).toBeInstanceOf(CopyConflictError);
    expect(failure).toMatchObject({ seqNum: 1 });
  });

  it('copyLog fails and writes nothing if the target is longer than the source', async () => {
    const { source } = await filled(5);
    const target = empty();
    await target.storeEvents(span(1, 6).map(created));
    expect(await conflict(source, target)).toMatchObject({ code: 'ERR_COPY_CONFLICT', seqNum: 6 });
  });

  it('copyLog fails and writes nothing if the engine of the target cannot import events', async () => {
    const { source } = await filled(1);
    const { importRecords: _none, ...log } = createMemoryEventLog();
    const target = createEventStore(log, {});
    expect(target.importEvents).toBeUndefined();
    expect(await conflict(source, target)).toBeInstanceOf(InvalidOptionsError);
  });

  it('copyLog fails and writes nothing if an option is not valid', async () => {
    const { source } = await filled(1);
    expect(await failureOf(copied(source, empty(), 0))).toMatchObject({ faults: [{ path: 'batchSize' }] });
  });
});

describe('copyLog fails and keeps the events that it has copied', () => {
  it('copyLog fails and keeps the events that it has copied if another writer appends to the target', async () => {
    const { source } = await filled(9);
    const target = empty();
    const written: EventStore = {
      ...target,
      async importEvents(after, events) {
        const isImported = await target.importEvents?.(after, events);
        if (events.length > 0) await target.storeEvent(created(0));
        return isImported ?? false;
      },
    };
    expect(await failureOf(copied(source, written))).toMatchObject({ code: 'ERR_COPY_CONFLICT', seqNum: 5 });
    expect(seqNums(await readAll(target)).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  });

  it('copyLog fails and keeps the events that it has copied if the source has deleted the next event', async () => {
    const { source, trim } = await filled(9);
    const target = empty();
    await lastValueFrom(copyLog(source, target, { batchSize: 3 }).pipe(take(2)));
    trim(5);
    expect(await failureOf(copied(source, target))).toBeInstanceOf(SequenceTrimmedError);
    expect(seqNums(await readAll(target))).toEqual([1, 2, 3]);
  });
});
