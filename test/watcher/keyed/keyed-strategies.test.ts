import * as E from 'fp-ts/lib/Either.js';
import { firstValueFrom, map, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { DeserializationError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { createEventStore } from '../../../src/store/create-event-store.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { jsonSerializer } from '../../../src/store/serialization/json-serializer.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { fill } from '../delivery/fill.ts';
import { createBegun } from '../managed.ts';
import { fillKeys, keyOf, LanesByHand } from './lanes-by-hand.ts';

/** A watcher of a store, that gives up at the first failure. */
function laned(store: EventStore, options: WatcherOptions) {
  const lanes = new LanesByHand();
  const base = { handler: lanes.handler, keyOf, concurrency: 3, maxRetries: 0 };
  const watcher = createBegun(store, 'w', { ...base, ...options });
  const told: string[] = [];
  watcher.outcomes$.subscribe(({ seqNum, status }) => told.push(`${seqNum} ${status}`));
  watcher.start();
  const stored = async () => {
    await nextTurn();
    return firstValueFrom(store.getCheckpoint('w'));
  };
  return { lanes, watcher, told, stored };
}

const stored = (keys: string): EventStore => {
  const store = createMemoryStore({ scheduler: new VirtualClock() });
  fillKeys(store, keys);
  return store;
};

describe('an event that is given up in one of several lanes', () => {
  it('is skipped, and its lane goes on', async () => {
    const all = laned(stored('aab'), { retryStrategy: 'skip' });
    all.lanes.fail(1);
    expect(all.told).toEqual(['1 skipped']);
    expect(all.lanes.inFlight).toEqual([3, 2]);
    all.lanes.finish(2);
    expect(await all.stored()).toBe(2);
    all.lanes.finish(3);
    expect(await all.stored()).toBe(3);
  });

  it('stops the watcher, whose checkpoint stays before all that was under way', async () => {
    const all = laned(stored('abc'), { retryStrategy: 'stop' });
    all.lanes.finish(1);
    all.lanes.fail(3);
    expect(all.watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 3 } });
    expect(all.lanes.aborted).toEqual([2]);
    expect(await all.stored()).toBe(1);
    all.watcher.start();
    expect(all.lanes.seqNums).toEqual([1, 2, 3, 2, 3]);
  });

  it('is a dead letter, with a checkpoint past it only if nothing before it is under way', async () => {
    const store = stored('abc');
    const all = laned(store, { retryStrategy: 'deadLetter' });
    const letters = () =>
      firstValueFrom(
        store.deadLetters('w').pipe(
          map(({ seqNum }) => seqNum),
          toArray(),
        ),
      );
    all.lanes.fail(2);
    expect((await all.stored()) ?? 0).toBe(0);
    expect(await letters()).toEqual([2]);
    all.lanes.fail(1);
    expect(await all.stored()).toBe(2);
    expect(await letters()).toEqual([1, 2]);
    expect(all.told).toEqual(['2 skipped', '1 skipped']);
  });
});

describe('an event for which keyOf throws', () => {
  const strict = (event: Event): string => {
    if (keyOf(event) === '?') throw new Error('no key');
    return keyOf(event);
  };

  it('is given up alone, in its place: it may be of any key', async () => {
    const all = laned(stored('ab?ab'), { keyOf: strict, retryStrategy: 'skip' });
    expect(all.lanes.inFlight).toEqual([1, 2]);
    all.lanes.finish(1, 2);
    expect(all.told).toEqual(['1 handled', '2 handled', '3 skipped']);
    expect(all.lanes.inFlight).toEqual([4, 5]);
    expect(all.watcher.stats()).toMatchObject({
      state: 'running',
      lastError: { seqNum: 3, attempts: 1, cause: new Error('no key') },
    });
  });

  it('is a dead letter', async () => {
    const store = stored('a?');
    const all = laned(store, { keyOf: strict, retryStrategy: 'deadLetter' });
    all.lanes.finish(1);
    expect(await all.stored()).toBe(2);
    expect(await firstValueFrom(store.deadLetters('w'))).toMatchObject({ seqNum: 2, attempts: 1 });
  });

  it('stops the watcher with stop, its checkpoint before the event', async () => {
    const all = laned(stored('a?b'), { keyOf: strict, retryStrategy: 'stop' });
    all.lanes.finish(1);
    expect(all.watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 2 } });
    expect(await all.stored()).toBe(1);
  });

  it('is tried again with block, and handled once the key can be told', () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ scheduler: clock });
    fillKeys(store, 'a?b');
    let asked = 0;
    const healing = (event: Event): string =>
      keyOf(event) === '?' && ++asked < 4 ? strict(event) : keyOf(event);
    const all = laned(store, { keyOf: healing, initialBackoff: 10 });
    all.lanes.finish(1);
    clock.advanceBy(29);
    expect(all.lanes.inFlight).toEqual([]);
    clock.advanceBy(1);
    expect(all.lanes.inFlight).toEqual([2]);
    all.lanes.finish(2);
    expect(all.lanes.inFlight).toEqual([3]);
  });

  it('does not keep a stop waiting', async () => {
    const all = laned(stored('a?'), { keyOf: strict });
    const stopped = all.watcher.stop();
    all.lanes.finish(1);
    await stopped;
    expect(all.watcher.stats()).toMatchObject({ state: 'stopped', handled: 1 });
  });
});

describe('an event that cannot be decoded, between lanes', () => {
  const json = jsonSerializer();
  const unreadable = () => {
    const scheduler = new VirtualClock();
    const log = createMemoryEventLog();
    fill(createEventStore(log, { scheduler, gcAgeThreshold: 0 }), 'Job', 'Run', 'Bad', 'Job', 'Run');
    return createEventStore(log, {
      scheduler,
      gcAgeThreshold: 0,
      serializer: {
        ...json,
        decode: (bytes, objectType) =>
          objectType === 'Bad'
            ? E.left(new DeserializationError([{ path: 'object', message: 'no such thing' }]))
            : json.decode(bytes, objectType),
      },
    });
  };
  const options = { keyOf: ({ objectType }: { objectType: string }) => objectType };

  it('waits for all before it, as it may be of any key, and those behind it wait for it', async () => {
    const all = laned(unreadable(), { ...options, retryStrategy: 'skip' });
    expect(all.lanes.inFlight).toEqual([1, 2]);
    all.lanes.finish(1);
    expect(all.told).toEqual(['1 handled']);
    all.lanes.finish(2);
    expect(all.told).toEqual(['1 handled', '2 handled', '3 skipped']);
    expect(all.lanes.inFlight).toEqual([4, 5]);
    expect(await all.stored()).toBe(3);
  });

  it('does not keep a stop waiting', async () => {
    const all = laned(unreadable(), options);
    const stopped = all.watcher.stop();
    all.lanes.finish(1, 2);
    await stopped;
    expect(all.watcher.stats()).toMatchObject({ state: 'stopped', handled: 2, skipped: 0 });
    expect(await all.stored()).toBe(2);
  });
});
