import * as E from 'fp-ts/lib/Either.js';
import { EMPTY, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DeserializationError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import type { BatchHandler } from '../../../src/handling/handler.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { jsonSerializer } from '../../../src/store/serialization/json-serializer.ts';
import { letter, lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { fillUp } from '../delivery/fill.ts';
import { trimmableStore } from '../delivery/log-stores.ts';
import { redriven } from './redriven.ts';

const numbers = (events: readonly Event[]) => events.map(({ seqNum }) => seqNum);

describe('a redrive for a batch handler', () => {
  it('hands each letter over as a batch of its own', async () => {
    const batches: (readonly number[])[] = [];
    const batchHandler: BatchHandler = (events) => void batches.push(numbers(events));
    const { manager, store } = await redriven([1, 3], () => ({ batchHandler }));

    expect(await manager.redrive('w')).toMatchObject([{ status: 'handled' }, { status: 'handled' }]);
    expect(batches).toEqual([[1], [3]]);
    expect(await lettersOf(store)).toEqual([]);
  });

  it('leaves a letter that it does not handle, by a throw or by its word', async () => {
    const batchHandler: BatchHandler = ([event]) => {
      if (event?.seqNum === 1) throw new Error('no');
      return { lastHandledSeqNum: event?.seqNum === 2 ? 0 : 3 };
    };
    const { manager, store } = await redriven([1, 2, 3], () => ({ batchHandler }));

    expect(await manager.redrive('w')).toMatchObject([
      { status: 'skipped' },
      { status: 'skipped' },
      { status: 'handled' },
    ]);
    expect(await lettersOf(store)).toMatchObject([
      { seqNum: 1, attempts: 4 },
      { seqNum: 2, attempts: 4 },
    ]);
  });
});

describe('a redrive of an event that cannot be decoded', () => {
  const json = jsonSerializer();
  const lost = new DeserializationError([{ path: 'size', message: 'is too large' }]);
  /** A watcher that has given up an event which nobody can read; whether one can is for the test to say. */
  const undecodable = async () => {
    const can = { read: true };
    const clock = new VirtualClock();
    const store = createMemoryStore({
      scheduler: clock,
      cacheSize: 0,
      serializer: {
        ...json,
        decode: (bytes, type) => (can.read ? json.decode(bytes, type) : E.left(lost)),
      },
    });
    fillUp(store, 1);
    can.read = false;
    const given: number[] = [];
    const manager = createManager(store);
    const watcher = manager.create('w', {
      handler: ({ seqNum }) => void given.push(seqNum),
      maxRetries: 0,
      retryStrategy: 'deadLetter',
    });
    const outcome = firstValueFrom(watcher.outcomes$);
    watcher.start();
    await outcome;
    return { can, store, manager, given };
  };

  it('leaves it, and what is wrong with it, without a call of the handler', async () => {
    const { store, manager, given } = await undecodable();
    const [kept] = await lettersOf(store);
    expect(kept).toMatchObject({ seqNum: 1, attempts: 1 });
    expect(kept?.errors[0]?.message).toContain('is too large');
    expect(kept).not.toHaveProperty('event');

    const [outcome] = await manager.redrive('w');

    expect(outcome).toMatchObject({ status: 'skipped', seqNum: 1, attempts: 2, deadLettered: true });
    expect(outcome).not.toHaveProperty('event');
    expect(given).toEqual([]);
    const [left] = await lettersOf(store);
    expect(left).toMatchObject({ seqNum: 1, attempts: 2, errors: kept?.errors });
  });

  it('hands it over as soon as it can be', async () => {
    const { can, store, manager, given } = await undecodable();
    can.read = true;

    expect(await manager.redrive('w')).toMatchObject([{ status: 'handled', seqNum: 1, attempts: 2 }]);
    expect(given).toEqual([1]);
    expect(await lettersOf(store)).toEqual([]);
  });
});

describe('a redrive of an event that the log no longer holds', () => {
  it('hands the copy over, and leaves it in a letter that fails again', async () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 5);
    await store.storeDeadLetter(letter(3), 5);
    trim(5);
    const objects: unknown[] = [];
    const manager = createManager(store);
    manager.create('w', {
      handler: ({ object }, { attempt }) => {
        objects.push(object);
        if (attempt === 4) throw new Error('no');
        return EMPTY;
      },
    });

    expect(await manager.redrive('w')).toMatchObject([{ status: 'skipped', attempts: 4 }]);
    expect(await manager.redrive('w')).toMatchObject([{ status: 'handled', attempts: 5 }]);
    expect(objects).toEqual([{ index: 2 }, { index: 2 }]);
    expect(await lettersOf(store)).toEqual([]);
  });
});
